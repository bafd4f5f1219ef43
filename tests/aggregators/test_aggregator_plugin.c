/* Aggregators from shared objects: the examples are found and do what they say; what is wrong is
 * refused with a reason. */
#include "made.h"

#include "aggregators/functions.h"
#include "aggregators/plugin.h"
#include "aggregators/registry.h"
#include "aggregators/unit_list.h"

static enum err_code load(const char *name, struct err *e) {
    const char *build = getenv("TINSEQ_BUILD");
    char *path = mem_format("%s/plugins/%s.so", build ? build : "build", name);
    enum err_code code = aggregator_plugin_load(path, e);
    free(path);
    return code;
}

static void load_all(void) {
    static const char *const names[] = {"median", "clause", "above"};
    struct err e = {0};
    for (size_t i = 0; i < 3; i++)
        cr_assert_eq(load(names[i], &e), ERR_OK, "%s", e.message);
}

Test(aggregator_plugin, is_found_by_its_name_and_listed_once) {
    size_t n_functions, n_units, n_aggregators, again;
    load_all();
    const struct aggregate_function *const *functions = aggregate_functions(&n_functions);
    const struct unit *const *all_units = units(&n_units);
    const struct aggregator *const *all = aggregators(&n_aggregators);
    cr_expect_str_eq(functions[n_functions - 1]->id, "median");
    cr_expect_str_eq(all_units[n_units - 1]->title, "Clauses");
    cr_expect_str_eq(all[n_aggregators - 1]->options[0].name, "share");
    load_all(); /* no error, and none is added */
    aggregate_functions(&again);
    cr_expect_eq(again, n_functions);
    units(&again);
    cr_expect_eq(again, n_units);
    aggregators(&again);
    cr_expect_eq(again, n_aggregators);
}

/* Scores of a language model's three columns: 1 2 3, 4 5 6, … row by row. */
static struct attribution_sequence made(const char *stage) {
    struct attribution_sequence s = made_lm("<s> ▁yes , ▁I ▁do . ▁no", 4), got;
    struct err e = {0};
    load_all();
    cr_assert_eq(aggregate_by(&got, &s, stage, NULL, &e), ERR_OK, "%s", e.message);
    attribution_sequence_dispose(&s);
    return got;
}

static float cell(const struct attribution_sequence *s, int64_t row, int64_t column) {
    return s->target_attributions.data[row * s->target_attributions.dims[1] + column];
}

Test(aggregator_plugin, a_function_reduces_wherever_one_may_stand) {
    /* Rows 1 to 3 as one, and all columns as one: first 4 5 6, 7 8 9 and 10 11 12 by columns. */
    struct attribution_sequence got = made("spans:median{\"target_spans\":[[1,4],[4,7]]}");
    cr_assert_eq(got.target.n, 3);
    cr_expect_eq(cell(&got, 0, 0), 2);
    cr_expect_eq(cell(&got, 1, 0), 8);
    attribution_sequence_dispose(&got);
    struct attribution_sequence wide = made_lm("<s> ▁a ▁b", 1);
    struct err e = {0};
    scores_dispose(&wide.target_attributions);
    cr_assert(scores_init(&wide.target_attributions, 3, (int64_t[]){3, 2, 4}, 0));
    memcpy(wide.target_attributions.data, (float[]){9, -7, 1, 3}, 4 * sizeof(float));
    cr_assert_eq(aggregate_by(&got, &wide, "median", NULL, &e), ERR_OK, "%s", e.message);
    cr_expect_eq(cell(&got, 0, 0), 1);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&wide);
}

Test(aggregator_plugin, a_unit_joins_tokens_and_special_ones_stand_alone) {
    struct attribution_sequence got = made("units:sum{\"rows\":\"clause\",\"columns\":\"clause\"}");
    expect_joined(&got.target, "<s>|▁yes,|▁I▁do.|▁no", "clause");
    attribution_sequence_dispose(&got);
}

/* Of column 0 (1 4 7 10) those under half of 10; what no step could see stays empty. */
Test(aggregator_plugin, an_aggregator_changes_scores_and_leaves_empty_cells) {
    struct attribution_sequence got = made("above{\"share\":0.5}");
    cr_expect_eq(cell(&got, 0, 0), 0);
    cr_expect_eq(cell(&got, 1, 0), 0);
    cr_expect_eq(cell(&got, 2, 0), 7);
    cr_expect_eq(cell(&got, 3, 0), 10);
    cr_expect(isnan(cell(&got, 5, 0)));
    attribution_sequence_dispose(&got);
    struct attribution_sequence s = made_lm("<s> ▁a", 1);
    struct err e = {0};
    cr_expect_eq(aggregate_by(&got, &s, "above{\"share\":1}", NULL, &e), ERR_USAGE);
    cr_expect_str_eq(e.message, "above: a share of 1 leaves nothing but the largest");
    cr_expect_eq(aggregate_by(&got, &s, "above{\"share\":2}", NULL, &e), ERR_USAGE);
    attribution_sequence_dispose(&s);
}

Test(aggregator_plugin, what_is_wrong_is_refused_with_a_reason) {
    static const struct {
        const char *name, *message;
    } wrong[] = {
        {"bad_aggregator1", "version 2 of tinseq-aggregator.h, this program has version 1"},
        {"bad_aggregator2", "has 8 bytes"},
        {"bad_aggregator3", "letters, digits"},
        {"bad_aggregator4", "called sentence already"},
        {"bad_aggregator5", "has one of reduce, begins and change"},
        {"bad_aggregator6", "has one of reduce, begins and change"},
        {"bad_aggregator7", "a default outside its range"},
        {"margin", "has no \"const struct tinseq_aggregator"},
        {"missing", "cannot be loaded"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err e = {0};
        cr_expect_eq(load(wrong[i].name, &e), ERR_USAGE, "%s", wrong[i].name);
        cr_expect_not_null(strstr(e.message, wrong[i].message), "%s: %s", wrong[i].name, e.message);
    }
}
