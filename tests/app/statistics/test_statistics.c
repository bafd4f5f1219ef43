/* From a text's scores to groups: keys, roles, filters, order. */
#include "app/statistics/map.h"
#include "app/statistics/observe.h"
#include "app/statistics/order.h"
#include "app/statistics/prepare.h"
#include "app/statistics/roles.h"
#include "tests/app/statistics/made.h"

#include <criterion/criterion.h>

#include <stdlib.h>

#define INFO(fields)                                                                               \
    "{\"attribution_method\":\"contrastive_tracing\",\"attribution_args\":{},\"input_texts\":["    \
    "\"The manager is\"],\"tinseq\":{\"fields\":[" fields "]}}"

static const struct pipeline nothing;

static struct stats_spec spec_of(const char *const *by) {
    struct stats_spec spec = {.pipeline = &nothing};
    for (; by[spec.n_by]; spec.n_by++)
        spec.by[spec.n_by] = stats_by_read(by[spec.n_by]);
    return spec;
}
#define BY(...) spec_of((const char *const[]){__VA_ARGS__, NULL})

static enum err_code observe(struct groups *g, const char *info, float more,
                             const struct stats_spec *spec, struct err *e) {
    struct attribution *a = made(info, more);
    struct stats_text t;
    bool found = false;
    stats_roles_name(g, spec);
    enum err_code code = stats_text_make(&t, a, spec, NULL, "made.json", 1, e);
    if (!code)
        code = stats_observe(g, &found, &t, spec, e);
    groups_end_text(g, NULL, NULL);
    stats_text_dispose(&t);
    attribution_release(a);
    return code;
}

/* "label/label n sum", a group a line, in the usual order. Owned by the caller. */
static char *told(const struct groups *g, const struct stats_spec *spec) {
    struct text_buffer b = {0};
    size_t n;
    size_t *order = stats_order(&n, g, spec, stats_usual_sort(spec));
    for (size_t i = 0; i < n; i++) {
        const struct group *group = groups_get(g, order[i]);
        for (size_t k = 0; k < spec->n_by; k++)
            text_buffer_format(&b, "%s%s", k ? "/" : "", groups_label_text(g, k, group->labels[k]));
        text_buffer_format(&b, " %zu %g\n", group->values.n, running_sum(&group->values));
    }
    free(order);
    return text_buffer_take(&b);
}

static void expect(const char *info, struct stats_spec spec, const char *expected) {
    struct groups *g = groups_new(spec.n_by);
    struct err e = {0};
    cr_assert_eq(observe(g, info, 0, &spec, &e), ERR_OK, "%s", e.message);
    char *got = told(g, &spec);
    cr_expect_str_eq(got, expected, "%s", got);
    free(got);
    groups_free(g);
}

Test(statistics, scores_are_grouped_by_what_is_asked_for) {
    const char *info = INFO("{\"relation\":\"is\",\"n\":10}");
    /* rows 0 to 3 of both steps, row 4 of the second */
    expect(info, BY("layer"), "0 9 1650\n1 9 1659\n2 9 1668\n");
    expect(info, BY("step", "layer"),
           "0/0 4 600\n0/1 4 604\n0/2 4 608\n1/0 5 1050\n1/1 5 1055\n1/2 5 1060\n");
    expect(info, BY("relation", "n", "layer"), "is/10/0 9 1650\nis/10/1 9 1659\nis/10/2 9 1668\n");
    expect(info, BY("side", "method", "layer"),
           "target/contrastive_tracing/0 9 1650\ntarget/contrastive_tracing/1 9 1659\n"
           "target/contrastive_tracing/2 9 1668\n");
}

static struct stats_spec score_spec(struct stats_spec spec) {
    spec.score = "probability";
    return spec;
}

Test(statistics, a_step_score_is_a_number_a_step) {
    const char *info = INFO("{}");
    struct groups *g = groups_new(1);
    struct err e = {0};
    expect(info, score_spec(BY("output")), "·here 1 0.5\n·now 1 0.25\n");
    struct stats_spec rows = score_spec(BY("role"));
    cr_expect_eq(observe(g, info, 0, &rows, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "has no tokens"), "%s", e.message);
    rows.score = "entropy";
    cr_expect_eq(observe(g, info, 0, &rows, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "there are probability"), "%s", e.message);
    groups_free(g);
}

/* Between the source's own tokens there are more columns than steps, of which `done` says nothing.
 */
Test(statistics, a_sequences_score_has_rows_and_columns_of_its_own) {
    struct stats_spec spec = BY("position", "step", "layer");
    struct attribution *a = made(INFO("{}"), 0);
    struct attribution_sequence *s = a->sequences;
    struct groups *g = groups_new(3);
    struct stats_text t;
    struct err e = {0};
    bool found;
    s->sequence_scores = mem_alloc(sizeof *s->sequence_scores);
    s->sequence_scores->name = mem_text("encoder_self_attentions");
    s->n_sequence_scores = 1;
    cr_assert(scores_init(&s->sequence_scores->scores, 3, (int64_t[]){4, 4, 2}, 0.25f));
    s->done = mem_alloc(2);
    spec.score = "encoder_self_attentions";
    cr_assert_eq(stats_text_make(&t, a, &spec, NULL, "made.json", 1, &e), ERR_OK);
    cr_assert_eq(stats_observe(g, &found, &t, &spec, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(groups_count(g), 32);
    cr_expect_eq(groups_get(g, 31)->values.n, 1);
    stats_text_dispose(&t);
    attribution_release(a);
    groups_free(g);
}

static struct stats_spec role_spec(struct stats_spec spec, const struct stats_role *role) {
    static const struct stats_filter layer = {{.id = STATS_KEY_LAYER}, STATS_IS, "1"};
    spec.roles = role;
    spec.n_roles = 1;
    spec.filters = &layer;
    spec.n_filters = 1;
    return spec;
}

Test(statistics, a_column_says_what_has_a_role) {
    static const struct stats_role role = {"who", "who"};
    const struct stats_spec spec = role_spec(BY("role"), &role);
    expect(INFO("{\"who\":\"The manager\"}"), spec,
           "who first 2 12\nwho middle 2 212\nwho last 2 412\nlast 2 612\ngenerated 1 411\n");
    expect(INFO("{\"who\":\"The\"}"), spec,
           "who last 2 12\nother 4 624\nlast 2 612\ngenerated 1 411\n");
    expect(INFO("{\"who\":[1,3]}"), spec,
           "who first 2 212\nwho last 2 412\nfirst 2 12\nlast 2 612\ngenerated 1 411\n");
}

Test(statistics, a_role_that_cannot_be_found_is_told) {
    static const struct stats_role role = {"who", "who"};
    struct stats_spec spec = role_spec(BY("role"), &role);
    struct groups *g = groups_new(1);
    struct err e = {0};
    cr_expect_eq(observe(g, INFO("{\"who\":\"nobody\"}"), 0, &spec, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "\"nobody\" is not in the input"), "%s", e.message);
    cr_expect_eq(observe(g, INFO("{\"whom\":\"nobody\"}"), 0, &spec, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "there are whom, input_text"), "%s", e.message);
    cr_expect_eq(observe(g, INFO("{\"who\":\"3:4\"}"), 0, &spec, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "the input's last token"), "%s", e.message);
    cr_expect_eq(groups_count(g), 0);
    groups_free(g);
}

Test(statistics, filters_are_of_labels) {
    const struct {
        struct stats_filter filter;
        const char *expected;
    } cases[] = {
        {{{.id = STATS_KEY_LAYER}, STATS_IS, "1:3"}, "1 9 1659\n2 9 1668\n"},
        {{{.id = STATS_KEY_LAYER}, STATS_IS, ":1"}, "0 9 1650\n"},
        {{{.id = STATS_KEY_LAYER}, STATS_IS_NOT, "1"}, "0 9 1650\n2 9 1668\n"},
        {{{.id = STATS_KEY_LAYER}, STATS_ABOVE, "1"}, "2 9 1668\n"},
        {{{.id = STATS_KEY_TOKEN}, STATS_IS, "·is"}, "0 2 610\n1 2 612\n2 2 614\n"},
        {{{.id = STATS_FIELD, .field = "n"}, STATS_BELOW, "11"}, "0 9 1650\n1 9 1659\n2 9 1668\n"},
        {{{.id = STATS_FIELD, .field = "n"}, STATS_BELOW, "10"}, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stats_spec spec = BY("layer");
        spec.filters = &cases[i].filter;
        spec.n_filters = 1;
        expect(INFO("{\"n\":10}"), spec, cases[i].expected);
    }
}

Test(statistics, layers_have_the_numbers_that_were_asked_for) {
    const char *info = "{\"attribution_args\":{\"layers\":\"10:13\"}}",
               *list = "{\"attribution_args\":{\"layers\":[2,5,9]}}";
    expect(info, BY("layer"), "10 9 1650\n11 9 1659\n12 9 1668\n");
    expect(list, BY("layer"), "2 9 1650\n5 9 1659\n9 9 1668\n");
}

Test(statistics, what_is_not_there_is_told_with_what_is) {
    struct stats_spec heads = BY("head"), field = BY("colour");
    struct groups *g = groups_new(1);
    struct err e = {0};
    cr_expect_eq(observe(g, INFO("{}"), 0, &heads, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "--aggregate_output false"), "%s", e.message);
    cr_expect_eq(observe(g, INFO("{\"a\":1,\"b\":2}"), 0, &field, &e), ERR_USAGE);
    cr_expect(strstr(e.message, "no column colour here; there are a, b"), "%s", e.message);
    groups_free(g);
}

/* Texts in another order are the same groups, to rounding. */
Test(statistics, the_order_of_texts_does_not_count) {
    static const int orders[][5] = {{0, 1, 2, 3, 4}, {4, 2, 0, 3, 1}};
    struct stats_spec spec = BY("layer", "position");
    struct groups *g[2];
    struct err e = {0};
    for (int k = 0; k < 2; k++) {
        g[k] = groups_new(spec.n_by);
        for (int i = 0; i < 5; i++)
            cr_assert_eq(observe(g[k], INFO("{}"), 0.1f * (float)orders[k][i], &spec, &e), ERR_OK);
    }
    cr_assert_eq(groups_count(g[0]), groups_count(g[1]));
    for (size_t i = 0; i < groups_count(g[0]); i++) {
        const struct group *a = groups_get(g[0], i), *b = groups_get(g[1], i);
        cr_expect_eq(a->values.n, b->values.n);
        cr_expect_eq(a->n_texts, 5);
        cr_expect_float_eq(running_mean(&a->values), running_mean(&b->values), 1e-9);
        cr_expect_float_eq(running_deviation(&a->values), running_deviation(&b->values), 1e-9);
    }
    groups_free(g[0]);
    groups_free(g[1]);
}

/* NaN that a step sees is counted, what it cannot see is not. */
Test(statistics, what_could_not_be_computed_is_counted) {
    struct stats_spec spec = BY("layer");
    struct attribution *a = made(INFO("{}"), 0);
    struct groups *g = groups_new(1);
    struct stats_text t;
    struct err e = {0};
    bool found;
    a->sequences->target_attributions.data[0] = NAN;
    a->sequences->target_attributions.data[3] = INFINITY;
    cr_assert_eq(stats_text_make(&t, a, &spec, NULL, "made.json", 1, &e), ERR_OK);
    cr_assert_eq(stats_observe(g, &found, &t, &spec, &e), ERR_OK);
    cr_expect_eq(groups_get(g, 0)->n_skipped, 2);
    cr_expect_eq(groups_get(g, 0)->values.n, 7);
    stats_text_dispose(&t);
    attribution_release(a);
    groups_free(g);
}

/* --- maps --- */

Test(statistics, two_groupings_are_a_map) {
    static const struct stats_role role = {"who", "who"};
    struct stats_spec spec = BY("layer", "role");
    struct groups *g = groups_new(2);
    struct attribution_sequence map;
    struct err e = {0};
    spec.roles = &role;
    spec.n_roles = 1;
    cr_assert_eq(observe(g, INFO("{\"who\":\"manager\"}"), 0, &spec, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(stats_map(&map, g, &spec, &e), ERR_OK, "%s", e.message);
    static const char *const columns[] = {"who first", "who last", "first", "last", "generated"};
    cr_assert(map.source.n == 3 && map.target.n == 5 && attribution_steps(&map) == 5);
    cr_expect_str_eq(attribution_map_of(&map, false), "layer × role");
    for (size_t c = 0; c < 5; c++)
        cr_expect_str_eq(map.target.items[c].printable, columns[c]);
    cr_expect_str_eq(map.source.items[2].printable, "2");
    cr_expect_float_eq(map.source_attributions.data[2 * 5 + 1], 207, 1e-6); /* ager, layer 2 */
    attribution_sequence_dispose(&map);
    spec.n_by = 0;
    cr_expect_eq(stats_map(&map, g, &spec, &e), ERR_USAGE);
    attribution_sequence_dispose(&map);
    groups_free(g);
}

/* Groups that there are not are nothing, not a number that could not be computed. */
Test(statistics, a_map_has_gaps) {
    struct stats_spec spec = BY("step", "position");
    struct groups *g = groups_new(2);
    struct attribution_sequence map;
    struct err e = {0};
    cr_assert_eq(observe(g, INFO("{}"), 0, &spec, &e), ERR_OK);
    cr_assert_eq(stats_map(&map, g, &spec, &e), ERR_OK);
    cr_assert_eq(map.target.n, 5);
    cr_expect(isnan(map.source_attributions.data[4]) && !attribution_sees(&map, false, 0, 4));
    cr_expect(!isnan(map.source_attributions.data[9]));
    attribution_sequence_dispose(&map);
    groups_free(g);
}

Test(statistics, an_example_is_a_map_of_its_tokens_and_layers) {
    static const struct stats_filter layers = {{.id = STATS_KEY_LAYER}, STATS_IS, "1:3"};
    struct stats_spec spec = BY("layer");
    struct attribution *a = made(INFO("{}"), 0);
    struct attribution_sequence map;
    struct stats_text t;
    struct err e = {0};
    spec.filters = &layers;
    spec.n_filters = 1;
    cr_assert_eq(stats_text_make(&t, a, &spec, NULL, "made.json", 1, &e), ERR_OK);
    cr_assert_eq(stats_example(&map, &t, &spec, &e), ERR_OK, "%s", e.message);
    cr_assert(map.source.n == 5 && map.target.n == 2);
    cr_expect_str_eq(map.heading, "·here, ·now");
    cr_expect_str_eq(map.source.items[2].printable, "ager");
    cr_expect_str_eq(map.target.items[1].printable, "2");
    cr_expect_float_eq(map.source_attributions.data[2 * 2 + 1], 207, 1e-6);
    char *heading = attribution_heading(&map, 0, 7);
    cr_expect_str_eq(heading, "Text 1 of 7: ·here, ·now");
    free(heading);
    attribution_sequence_dispose(&map);
    stats_text_dispose(&t);
    attribution_release(a);
}
