/* Aggregation against Inseq's (tests/fixtures/make_results.py) and against hand-made cases. */
#include "aggregators/aggregate.h"
#include "aggregators/registry.h"
#include "app/files/result_file.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct attribution *load(const char *name) {
    struct err e = {0};
    struct attribution *a;
    char *path = mem_format("%s/results/%s", getenv("TINSEQ_FIXTURES"), name);
    cr_assert_eq(result_file_load(&a, path, &e), ERR_OK, "%s", e.message);
    free(path);
    return a;
}

static void expect_near(const struct scores *got, const struct scores *want, const char *name) {
    cr_assert_eq(got->n_dims, want->n_dims, "%s: %d dimensions, not %d", name, got->n_dims,
                 want->n_dims);
    cr_assert_eq(scores_count(got), scores_count(want), "%s", name);
    for (int64_t i = 0; i < scores_count(want); i++) {
        float a = got->data[i], b = want->data[i];
        cr_expect((isnan(a) && isnan(b)) || fabsf(a - b) <= 1e-6f * fmaxf(1, fabsf(b)),
                  "%s [%d]: %g, not %g", name, (int)i, (double)a, (double)b);
    }
}

static void expect_same(const struct attribution_sequence *got,
                        const struct attribution_sequence *want, const char *name) {
    expect_near(&got->source_attributions, &want->source_attributions, name);
    expect_near(&got->target_attributions, &want->target_attributions, name);
    cr_assert_eq(got->n_sequence_scores, want->n_sequence_scores);
    for (size_t i = 0; i < want->n_sequence_scores; i++)
        expect_near(&got->sequence_scores[i].scores, &want->sequence_scores[i].scores, name);
    cr_expect_eq(got->n_step_scores, want->n_step_scores);
    cr_expect_eq(got->target.n, want->target.n);
}

Test(aggregate, default_of_every_class_equals_inseqs) {
    static const char *const pairs[][2] = {{"granular.json", "granular.default.json"},
                                           {"attention.json", "attention.default.json"},
                                           {"value_zeroing.json", "value_zeroing.default.json"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct attribution *raw = load(pairs[i][0]), *want = load(pairs[i][1]);
        struct aggregate_spec spec = aggregate_defaults();
        for (size_t k = 0; k < raw->n_sequences; k++) {
            struct attribution_sequence got, again;
            struct err e;
            cr_assert_eq(aggregate_sequence(&got, &raw->sequences[k], &spec, &e), ERR_OK);
            expect_same(&got, &want->sequences[k], pairs[i][1]);
            cr_expect_eq(got.class, ATTRIBUTION_COARSE);
            cr_assert_eq(aggregate_sequence(&again, &got, &spec, &e),
                         ERR_OK); /* and once more changes nothing */
            expect_same(&again, &want->sequences[k], pairs[i][1]);
            attribution_sequence_dispose(&got);
            attribution_sequence_dispose(&again);
        }
        attribution_release(raw);
        attribution_release(want);
    }
}

static void expect_pipeline(const char *raw_name, const char *want_name,
                            const struct aggregate_step *steps, size_t n, bool normalize,
                            bool rescale) {
    struct attribution *raw = load(raw_name), *want = load(want_name);
    for (size_t k = 0; k < raw->n_sequences; k++) {
        struct attribution_sequence got;
        struct err e;
        cr_assert_eq(aggregate_pipeline(&got, &raw->sequences[k], steps, n, normalize, rescale, &e),
                     ERR_OK);
        expect_same(&got, &want->sequences[k], want_name);
        attribution_sequence_dispose(&got);
    }
    attribution_release(raw);
    attribution_release(want);
}

Test(aggregate, every_function_equals_inseqs) {
    size_t n;
    const struct aggregator_decl *const *all = aggregator_decls(&n);
    cr_assert_eq(n, 7);
    for (size_t i = 0; i < n; i++) {
        char name[64];
        snprintf(name, sizeof name, "granular.%s.json", all[i]->id);
        expect_pipeline("granular.json", name, &(struct aggregate_step){.aggregator = all[i]}, 1,
                        false, false);
        cr_expect_eq(aggregator_find(all[i]->id), all[i]);
    }
    cr_expect_null(aggregator_find("average"));
}

Test(aggregate, selections_norms_and_scaling_equal_inseqs) {
    static const int64_t list[] = {4, 0, 3};
    const struct aggregator_decl *vnorm = aggregator_find("vnorm"), *mean = aggregator_find("mean"),
                                 *sum = aggregator_find("sum");
    expect_pipeline("granular.json", "granular.one.json",
                    &(struct aggregate_step){.select = {.kind = SELECT_ONE, .from = -2}}, 1, false,
                    false);
    expect_pipeline("granular.json", "granular.range.json",
                    &(struct aggregate_step){.aggregator = vnorm,
                                             .select = {.kind = SELECT_RANGE, .from = 1, .to = 4}},
                    1, true, false);
    expect_pipeline(
        "granular.json", "granular.list.json",
        &(struct aggregate_step){.aggregator = mean,
                                 .select = {.kind = SELECT_LIST, .list = list, .n_list = 3}},
        1, false, false);
    expect_pipeline("granular.json", "granular.norm1.json",
                    &(struct aggregate_step){.aggregator = vnorm, .argument = 1}, 1, false, false);
    expect_pipeline("granular.json", "granular.rescale.json",
                    &(struct aggregate_step){.aggregator = sum}, 1, false, true);
    expect_pipeline(
        "attention.json", "attention.head.json",
        (struct aggregate_step[]){{.aggregator = mean}, {.aggregator = aggregator_find("max")}}, 2,
        false, false);
}

Test(aggregate, a_spec_picks_layers_and_heads) {
    struct attribution *raw = load("attention.json");
    struct attribution_sequence got;
    struct err e;
    struct aggregate_spec spec = {.heads = {.select = {.kind = SELECT_ONE, .from = 1}},
                                  .layers = {.select = {.kind = SELECT_ONE, .from = 2}}};
    cr_assert_eq(aggregate_sequence(&got, &raw->sequences[0], &spec, &e), ERR_OK);
    const struct scores *in = &raw->sequences[0].source_attributions;
    for (int64_t i = 0; i < scores_count(&got.source_attributions); i++)
        cr_expect_eq(got.source_attributions.data[i], in->data[i * 6 + 2 * 2 + 1]);
    attribution_sequence_dispose(&got);
    spec.heads.select.from = 2;
    cr_expect_eq(aggregate_sequence(&got, &raw->sequences[0], &spec, &e), ERR_SHAPE);
    cr_expect_null(got.source.items);
    attribution_release(raw);
}

Test(aggregate, wrong_selections_are_refused) {
    static const int64_t twice[] = {1, 2, -5};
    static const struct selection wrong[] = {{.kind = SELECT_ONE, .from = 6},
                                             {.kind = SELECT_ONE, .from = -7},
                                             {.kind = SELECT_RANGE, .from = 2, .to = 2},
                                             {.kind = SELECT_RANGE, .from = 0, .to = 7},
                                             {.kind = SELECT_LIST, .list = twice, .n_list = 3},
                                             {.kind = SELECT_LIST},
                                             {.kind = SELECT_ONE, .from = INT64_MIN}};
    struct attribution *raw = load("granular.json");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct attribution_sequence got;
        struct err e;
        struct aggregate_step step = {.select = wrong[i]};
        cr_expect_eq(aggregate_pipeline(&got, &raw->sequences[0], &step, 1, false, false, &e),
                     ERR_SHAPE, "%zu", i);
    }
    struct attribution_sequence got;
    struct err e;
    struct aggregate_step two[2] = {0};
    cr_expect_eq(aggregate_pipeline(&got, &raw->sequences[0], two, 2, false, false, &e), ERR_SHAPE);
    cr_expect_eq(aggregate_pipeline(&got, &raw->sequences[0], two, 1, true, true, &e), ERR_USAGE);
    attribution_release(raw);
}

/* A file may hold an infinite score: it is no number, and leaves the others theirs. */
Test(aggregate, an_infinite_score_is_nan_and_takes_nothing_from_the_others) {
    struct attribution_sequence s = {.class = ATTRIBUTION_MULTI_DIMENSIONAL,
                                     .attr_pos_start = 1,
                                     .attr_pos_end = 2},
                                got;
    struct err e;
    token_list_add(&s.target, 1, false, "a", "a", 1);
    token_list_add(&s.target, 2, false, "b", "b", 1);
    cr_assert(scores_init(&s.source_attributions, 3, (int64_t[]){3, 1, 2}, 1));
    s.source_attributions.data[0] = INFINITY;
    s.source_attributions.data[4] = s.source_attributions.data[5] = 3;
    struct aggregate_spec spec = aggregate_defaults();
    cr_assert_eq(aggregate_sequence(&got, &s, &spec, &e), ERR_OK);
    cr_expect(isnan(got.source_attributions.data[0]));
    cr_expect_float_eq(got.source_attributions.data[1], 0.25, 1e-6);
    cr_expect_float_eq(got.source_attributions.data[2], 0.75, 1e-6);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

Test(aggregate, columns_under_way_stay_nan_and_zeros_stay_zero) {
    struct attribution_sequence s = {.class = ATTRIBUTION_GRANULAR,
                                     .attr_pos_start = 1,
                                     .attr_pos_end = 3},
                                got;
    struct err e;
    token_list_add(&s.target, 1, false, "a", "a", 1);
    token_list_add(&s.target, 2, false, "b", "b", 1);
    token_list_add(&s.target, 3, false, "c", "c", 1);
    cr_assert(scores_init(&s.target_attributions, 3, (int64_t[]){3, 2, 2}, NAN));
    for (int r = 0; r < 3; r++)
        /* Column 0 is all zero, column 1 not done. */
        s.target_attributions.data[r * 4] = s.target_attributions.data[r * 4 + 1] = 0;
    struct aggregate_spec spec = aggregate_defaults();
    cr_assert_eq(aggregate_sequence(&got, &s, &spec, &e), ERR_OK);
    for (int r = 0; r < 3; r++) {
        cr_expect_eq(got.target_attributions.data[r * 2], 0);
        cr_expect(isnan(got.target_attributions.data[r * 2 + 1]));
    }
    struct aggregate_range range = aggregate_range_of(&got);
    cr_expect(range.magnitude == 0 && !range.any_negative);
    attribution_sequence_dispose(&got);
    spec = (struct aggregate_spec){.rescale = true};
    cr_assert_eq(aggregate_sequence(&got, &s, &spec, &e), ERR_OK);
    cr_expect_eq(got.target_attributions.data[0], 0);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

Test(aggregate, functions_treat_nan_as_torch_does) {
    const float values[] = {-3, NAN, 2}, all_nan[] = {NAN, NAN};
    cr_expect(isnan(aggregator_find("max")->reduce(values, 3, 1, 0)));
    cr_expect(isnan(aggregator_find("min")->reduce(values, 3, 1, 0)));
    cr_expect(isnan(aggregator_find("mean")->reduce(values, 3, 1, 0)));
    cr_expect(isnan(aggregator_find("vnorm")->reduce(values, 3, 1, INFINITY)));
    cr_expect_eq(aggregator_find("absmax")->reduce(values, 3, 1, 0), -3);
    cr_expect_eq(aggregator_find("absmax")->reduce(values, 2, 2, 0), -3);
    cr_expect(isnan(aggregator_find("absmax")->reduce(all_nan, 2, 1, 0)));
    cr_expect_eq(aggregator_find("vnorm")->reduce((float[]){-3, 4}, 2, 1, INFINITY), 4);
    cr_expect_eq(aggregator_find("vnorm")->reduce((float[]){-3, 4}, 2, 1, -INFINITY), 3);
}
