/* Aggregation against Inseq's (tests/fixtures/make_results.py) and against hand-made cases. */
#include "pipelines.h"

#include "aggregators/functions.h"

static struct attribution *load(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "results/%s", name);
    return load_result(path);
}

static void expect_same(const struct attribution_sequence *got,
                        const struct attribution_sequence *want, const char *name) {
    expect_scores(&got->source_attributions, &want->source_attributions, name);
    expect_scores(&got->target_attributions, &want->target_attributions, name);
    cr_assert_eq(got->n_sequence_scores, want->n_sequence_scores);
    for (size_t i = 0; i < want->n_sequence_scores; i++)
        expect_scores(&got->sequence_scores[i].scores, &want->sequence_scores[i].scores, name);
    cr_expect_eq(got->n_step_scores, want->n_step_scores);
    cr_expect_eq(got->target.n, want->target.n);
}

Test(aggregate, default_of_every_class_equals_inseqs) {
    static const char *const pairs[][2] = {{"granular.json", "granular.default.json"},
                                           {"attention.json", "attention.default.json"},
                                           {"value_zeroing.json", "value_zeroing.default.json"}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct attribution *raw = load(pairs[i][0]), *want = load(pairs[i][1]);
        for (size_t k = 0; k < raw->n_sequences; k++) {
            struct attribution_sequence got, again;
            struct err e;
            cr_assert_eq(aggregate_default(&got, &raw->sequences[k], &e), ERR_OK);
            expect_same(&got, &want->sequences[k], pairs[i][1]);
            cr_expect_eq(got.class, ATTRIBUTION_COARSE);
            cr_assert_eq(aggregate_default(&again, &got, &e),
                         ERR_OK); /* and once more changes nothing */
            expect_same(&again, &want->sequences[k], pairs[i][1]);
            attribution_sequence_dispose(&got);
            attribution_sequence_dispose(&again);
        }
        attribution_release(raw);
        attribution_release(want);
    }
}

static void expect_pipeline(const char *raw_name, const char *want_name, const char *texts,
                            const char *kwargs) {
    struct attribution *raw = load(raw_name), *want = load(want_name);
    for (size_t k = 0; k < raw->n_sequences; k++) {
        struct attribution_sequence got;
        struct err e;
        cr_assert_eq(aggregate_by(&got, &raw->sequences[k], texts, kwargs, &e), ERR_OK, "%s",
                     e.message);
        expect_same(&got, &want->sequences[k], want_name);
        attribution_sequence_dispose(&got);
    }
    attribution_release(raw);
    attribution_release(want);
}

Test(aggregate, every_function_equals_inseqs) {
    size_t n;
    const struct aggregate_function *const *all = aggregate_functions(&n);
    cr_assert_eq(n, 8);
    for (size_t i = 0; i < n; i++) {
        char name[64];
        cr_expect_eq(aggregate_function_find(all[i]->id), all[i]);
        if (strcmp(all[i]->id, "first") == 0)
            continue; /* our own */
        snprintf(name, sizeof name, "granular.%s.json", all[i]->id);
        expect_pipeline("granular.json", name, all[i]->id, NULL);
    }
    cr_expect_null(aggregate_function_find("average"));
    cr_expect_eq(aggregate_function_find("first")->reduce((float[]){3, 1, 2}, 3, 1, 2), 3);
}

Test(aggregate, selections_norms_and_scaling_equal_inseqs) {
    expect_pipeline("granular.json", "granular.one.json", "scores{\"select_idx\":-2}", NULL);
    expect_pipeline("granular.json", "granular.range.json", "vnorm",
                    "{\"select_idx\": [{\"range\": [1, 4]}], \"normalize\": true}");
    expect_pipeline("granular.json", "granular.list.json", "mean", "{\"select_idx\": [[4, 0, 3]]}");
    expect_pipeline("granular.json", "granular.norm1.json", "vnorm", "{\"vnorm_ord\": 1}");
    expect_pipeline("granular.json", "granular.rescale.json", "sum", "{\"rescale\": true}");
    expect_pipeline("attention.json", "attention.head.json", "mean max", NULL);
}

Test(aggregate, a_selection_picks_layers_and_heads) {
    struct attribution *raw = load("attention.json");
    struct attribution_sequence got;
    struct err e;
    cr_assert_eq(
        aggregate_by(&got, &raw->sequences[0], "scores scores", "{\"select_idx\": [1, 2]}", &e),
        ERR_OK);
    const struct scores *in = &raw->sequences[0].source_attributions;
    for (int64_t i = 0; i < scores_count(&got.source_attributions); i++)
        cr_expect_eq(got.source_attributions.data[i], in->data[i * 6 + 2 * 2 + 1]);
    attribution_sequence_dispose(&got);
    cr_expect_eq(
        aggregate_by(&got, &raw->sequences[0], "scores scores", "{\"select_idx\": [2, 2]}", &e),
        ERR_SHAPE);
    cr_expect_null(got.source.items);
    attribution_release(raw);
}

static void expect_refused(const char *texts, const char *kwargs, enum err_code code,
                           const char *words) {
    struct attribution *raw = load("granular.json");
    struct attribution_sequence got;
    struct err e = {0};
    cr_expect_eq(aggregate_by(&got, &raw->sequences[0], texts, kwargs, &e), code, "%s %s: %s",
                 texts, kwargs ? kwargs : "", e.message);
    cr_expect(strstr(e.message, words), "%s %s: \"%s\" without \"%s\"", texts, kwargs ? kwargs : "",
              e.message, words);
    attribution_release(raw);
}

Test(aggregate, wrong_selections_are_refused) {
    static const char *const wrong[] = {
        "6",          "-7", "{\"range\": [2, 2]}", "{\"range\": [0, 7]}",
        "[1, 2, -5]", "[]", "-9223372036854775808"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char kwargs[80];
        snprintf(kwargs, sizeof kwargs, "{\"select_idx\": [%s]}", wrong[i]);
        expect_refused("scores", kwargs, ERR_SHAPE, "e");
    }
    expect_refused("scores", "{\"select_idx\": [true]}", ERR_USAGE, "select_idx is");
    expect_refused("scores", "{\"select_idx\": [{\"range\": [1]}]}", ERR_USAGE, "select_idx is");
    expect_refused("scores", "{\"select_idx\": [1, 2]}", ERR_USAGE, "2 entries for 1");
    expect_refused("subwords vnorm", "{\"select_idx\": [1, 2]}", ERR_USAGE, "subwords selects");
    expect_refused("scores scores", NULL, ERR_SHAPE, "no dimension");
    expect_refused("scores", "{\"normalize\": true, \"rescale\": true}", ERR_USAGE, "not both");
}

Test(aggregate, what_is_misspelled_is_refused_with_the_nearest) {
    expect_refused("vnrom", NULL, ERR_USAGE, "mean vnorm?");
    expect_refused("subword", NULL, ERR_USAGE, "mean subwords?");
    expect_refused("subwords:summ", NULL, ERR_USAGE, "mean sum?");
    expect_refused("mean:sum", NULL, ERR_USAGE, "takes no other");
    expect_refused("slices:sum", NULL, ERR_USAGE, "takes no function");
    expect_refused("subwords", "{\"special_char\": \"x\"}", ERR_USAGE, "mean special_chars?");
    expect_refused("subwords{\"special_char\":1}", NULL, ERR_USAGE, "mean special_chars?");
    expect_refused("subwords", "{\"split_pattern\": \"x\"}", ERR_USAGE, "is of split");
    expect_refused("subwords", "[1]", ERR_USAGE, "JSON object");
    expect_refused("subwords", "{", ERR_USAGE, "no JSON");
    expect_refused("subwords{", NULL, ERR_USAGE, "no JSON");
    expect_refused("split", NULL, ERR_USAGE, "split_pattern");
    expect_refused("split", "{\"split_pattern\": \"(\"}", ERR_USAGE, "is wrong");
    expect_refused("split", "{\"split_pattern\": \"x\", \"split_mode\": \"strat\"}", ERR_USAGE,
                   "single, start, end");
    expect_refused("spans", NULL, ERR_USAGE, "needs spans");
    expect_refused("spans", "{\"target_spans\": [[0, 2], [1, 3]]}", ERR_USAGE, "begins before 2");
    expect_refused("spans", "{\"target_spans\": [[2, 2]]}", ERR_USAGE, "empty");
    expect_refused("spans", "{\"target_spans\": [0, 99]}", ERR_USAGE, "ends behind");
    expect_refused("spans", "{\"target_spans\": \"x\"}", ERR_USAGE, "list of such");
    expect_refused("pair vnorm", NULL, ERR_USAGE, "pair is the last");
    expect_refused("pair", NULL, ERR_USAGE, "--pair");
    expect_refused("weight{\"step_score\":\"x\"}", NULL, ERR_USAGE, "probability, entropy");
    expect_refused("units{\"rows\":\"wrod\"}", NULL, ERR_USAGE, "mean word?");
    expect_refused("units{\"rows\":\"regex\"}", NULL, ERR_USAGE, "split_pattern");
    expect_refused("vnorm", "{\"vnorm_ord\": \"x\"}", ERR_USAGE, "vnorm_ord is");
    expect_refused("subwords", "{\"span_rules\": {\"entropy\": \"x\"}}", ERR_USAGE, "no function");
    expect_refused("subwords", "{\"special_chars\": []}", ERR_USAGE, "list of texts");
    expect_refused("mean", "{\"vnorm_ord\": 1}", ERR_USAGE, "of the function vnorm");
    expect_refused("subwords:sum", "{\"vnorm_ord\": 1}", ERR_USAGE, "of the function vnorm");
}

/* Before a run of minutes, not after it. */
Test(aggregate, what_is_wrong_with_options_is_told_before_there_are_scores) {
    static const char *const wrong[] = {
        "vnorm{\"vnorm_ord\":\"x\"}",         "scores{\"select_idx\":true}",
        "default{\"vnorm_ord\":[]}",          "subwords{\"special_chars\":1}",
        "subwords{\"span_rules\":{\"a\":1}}", "units{\"span_rules\":{\"a\":\"summ\"}}",
        "split{\"split_pattern\":\"(\"}",     "units{\"split_pattern\":\"(\"}",
        "spans{\"target_spans\":[2,1]}",      "slices{\"source_spans\":[[0,2],[1,3]]}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct pipeline p = {0};
        struct err e = {0};
        cr_expect_eq(pipeline_add(&p, wrong[i], &e), ERR_USAGE, "%s", wrong[i]);
        cr_expect(e.message[0]);
        pipeline_dispose(&p);
    }
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
    cr_assert_eq(aggregate_default(&got, &s, &e), ERR_OK);
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
    cr_assert_eq(aggregate_default(&got, &s, &e), ERR_OK);
    for (int r = 0; r < 3; r++) {
        cr_expect_eq(got.target_attributions.data[r * 2], 0);
        cr_expect(isnan(got.target_attributions.data[r * 2 + 1]));
    }
    struct aggregate_range range = aggregate_range_of(&got);
    cr_expect(range.magnitude == 0 && !range.any_negative);
    attribution_sequence_dispose(&got);
    cr_assert_eq(aggregate_by(&got, &s, "scores{\"rescale\":true}", NULL, &e), ERR_OK);
    cr_expect_eq(got.target_attributions.data[0], 0);
    attribution_sequence_dispose(&got);
    attribution_sequence_dispose(&s);
}

static float reduced(const char *id, const float *values, size_t n, size_t stride, double order) {
    return aggregate_function_find(id)->reduce(values, n, stride, order);
}

Test(aggregate, functions_treat_nan_as_torch_does) {
    const float values[] = {-3, NAN, 2}, all_nan[] = {NAN, NAN};
    cr_expect(isnan(reduced("max", values, 3, 1, 2)));
    cr_expect(isnan(reduced("min", values, 3, 1, 2)));
    cr_expect(isnan(reduced("mean", values, 3, 1, 2)));
    cr_expect(isnan(reduced("vnorm", values, 3, 1, INFINITY)));
    cr_expect(isnan(reduced("vnorm", values, 3, 1, 0)));
    cr_expect_eq(reduced("absmax", values, 3, 1, 2), -3);
    cr_expect_eq(reduced("absmax", values, 2, 2, 2), -3);
    cr_expect(isnan(reduced("absmax", all_nan, 2, 1, 2)));
    cr_expect_eq(reduced("vnorm", (float[]){-3, 4}, 2, 1, INFINITY), 4);
    cr_expect_eq(reduced("vnorm", (float[]){-3, 4}, 2, 1, -INFINITY), 3);
    cr_expect_eq(reduced("vnorm", (float[]){-3, 0, 4}, 3, 1, 0), 2);
}

/* --- a result keeps what it went through --- */

Test(aggregate, a_result_keeps_its_pipeline_and_reads_it_again) {
    struct attribution *raw = load("granular.json"), *got, *again;
    struct pipeline p;
    struct err e;
    cr_assert_eq(read_pipeline(&p, "subwords:sum vnorm",
                               "{\"aggregate_target\": false, \"vnorm_ord\": 1}", &e),
                 ERR_OK, "%s", e.message);
    cr_assert_eq(aggregate_result(&got, raw, &p, NULL, NULL, &e), ERR_OK);
    cr_assert_eq(got->info.pipeline.n, 2);
    cr_expect_str_eq(got->info.pipeline.items[0], "subwords:sum{\"aggregate_target\":false}");
    cr_expect_str_eq(got->info.pipeline.items[1], "vnorm{\"vnorm_ord\":1}");
    struct pipeline read = {0};
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(pipeline_add(&read, got->info.pipeline.items[i], &e), ERR_OK);
        char *text = pipeline_stage_text(&read.stages[i]);
        cr_expect_str_eq(text, got->info.pipeline.items[i]);
        free(text);
    }
    cr_assert_eq(aggregate_result(&again, raw, &read, NULL, NULL, &e), ERR_OK);
    expect_same(&again->sequences[0], &got->sequences[0], "again");
    pipeline_dispose(&p);
    pipeline_dispose(&read);
    attribution_release(raw);
    attribution_release(got);
    attribution_release(again);
}
