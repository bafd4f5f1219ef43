/* Aggregators against Inseq's own (tests/fixtures/make_aggregators.py). */
#include "pipelines.h"

#include "backend/base/file.h"
#include "backend/base/json.h"

static struct attribution *load(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "aggregators/%s.json.gz", name);
    return load_result(path);
}

/* Positions, tokens and scores; step scores where Inseq merges them by the same rules. */
static void expect_sequence(const struct attribution_sequence *got,
                            const struct attribution_sequence *want, bool step_scores,
                            const char *name) {
    expect_scores(&got->source_attributions, &want->source_attributions, name);
    expect_scores(&got->target_attributions, &want->target_attributions, name);
    expect_pieces(&got->target, &want->target, name);
    if (got->source_attributions.data)
        expect_pieces(&got->source, &want->source, name);
    cr_expect_eq(got->attr_pos_start, want->attr_pos_start, "%s", name);
    cr_expect_eq(attribution_steps(got), attribution_steps(want), "%s", name);
    cr_expect_eq(got->n_step_scores, want->n_step_scores, "%s", name);
    for (size_t i = 0; i < want->n_step_scores && step_scores; i++) {
        const struct named_scores *w = &want->step_scores[i];
        const struct scores *g = attribution_find_step_scores(got, w->name);
        cr_assert_not_null(g);
        expect_scores(g, &w->scores, w->name);
        cr_expect_eq(g->integer, w->scores.integer, "%s: %s", name, w->name);
    }
}

static char *text_of(const struct json_value *v) {
    return mem_text_n(v->text, v->n_text);
}

static void expect_case(const struct json_value *c) {
    struct text_buffer texts = {0}, kwargs = {0};
    char *raw_name = text_of(json_get(c, "raw")), *name = text_of(json_get(c, "want"));
    struct attribution *raw = load(raw_name), *want = load(name);
    struct attribution_sequence got;
    struct err e;
    for (const struct json_value *v = json_get(c, "pipeline")->first; v; v = v->next)
        text_buffer_format(&texts, "%.*s ", (int)v->n_text, v->text);
    json_write_flat(&kwargs, json_get(c, "kwargs"));
    cr_assert_eq(aggregate_by(&got, &raw->sequences[0], texts.text, kwargs.text, &e), ERR_OK,
                 "%s: %s", name, e.message);
    expect_sequence(&got, &want->sequences[0], json_get(c, "step_scores")->type == JSON_TRUE, name);
    attribution_sequence_dispose(&got);
    attribution_release(raw);
    attribution_release(want);
    text_buffer_dispose(&texts);
    text_buffer_dispose(&kwargs);
    free(raw_name);
    free(name);
}

Test(inseq_aggregators, every_case_equals_inseqs) {
    char *path = mem_format("%s/aggregators/cases.json", getenv("TINSEQ_FIXTURES")), *text;
    struct json_document *d;
    struct err e;
    size_t n;
    cr_assert_eq(file_read(&text, &n, path, 1 << 20, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(json_parse(&d, text, n, &e), ERR_OK, "%s", e.message);
    size_t n_cases = 0;
    for (const struct json_value *c = json_root(d)->first; c; c = c->next, n_cases++)
        expect_case(c);
    cr_expect(n_cases >= 24, "%zu cases", n_cases);
    json_free(d);
    free(text);
    free(path);
}

Test(inseq_aggregators, a_pair_is_the_other_minus_this_one) {
    struct attribution *a = load("mt"), *b = load("mt_other"), *want = load("mt.pair"), *got;
    struct pipeline p = {0};
    struct err e;
    pipeline_append(&p, "pair", NULL);
    cr_assert_eq(aggregate_result(&got, a, &p, b, "b.json", &e), ERR_OK, "%s", e.message);
    expect_sequence(&got->sequences[0], &want->sequences[0], true, "pair");
    cr_expect_str_eq(got->info.pipeline.items[0], "pair{\"with\":\"b.json\"}");
    cr_expect_str_eq(got->sequences[0].source.items[1].piece, "▁doc → ▁law");
    cr_expect_eq(got->sequences[0].source.items[1].id, -1);
    attribution_release(got);
    /* Both are aggregated alike first. */
    pipeline_dispose(&p);
    pipeline_append(&p, "subwords", NULL);
    pipeline_append(&p, "pair", NULL);
    cr_assert_eq(aggregate_result(&got, a, &p, b, "b.json", &e), ERR_OK, "%s", e.message);
    cr_expect_str_eq(got->sequences[0].source.items[1].piece, "▁doctor → ▁lawtor");
    attribution_release(got);
    attribution_release(b);
    b = load("lm");
    cr_expect_eq(aggregate_result(&got, a, &p, b, "b.json", &e), ERR_SHAPE);
    cr_expect(strstr(e.message, "different dimensions"), "%s", e.message);
    pipeline_dispose(&p);
    attribution_release(a);
    attribution_release(b);
    attribution_release(want);
}

Test(inseq_aggregators, weighted_columns_equal_inseqs) {
    static const char *const names[] = {"mt", "both"};
    for (size_t i = 0; i < 2; i++) {
        char path[32];
        snprintf(path, sizeof path, "%s.weight", names[i]);
        struct attribution *raw = load(names[i]), *want = load(path);
        struct attribution_sequence got;
        struct err e;
        cr_assert_eq(aggregate_by(&got, &raw->sequences[0],
                                  "default weight{\"step_score\":\"probability\"}", NULL, &e),
                     ERR_OK, "%s", e.message);
        expect_sequence(&got, &want->sequences[0], true, path);
        attribution_sequence_dispose(&got);
        attribution_release(raw);
        attribution_release(want);
    }
}
