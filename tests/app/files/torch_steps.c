/* Step attributions: a run keeps what Inseq keeps (tests/fixtures/make_inseq_step_attributions.py),
 * and what is written is read again. */
#include "app/files/result_file.h"

#include "backend/base/mem.h"
#include "backend/model.h"
#include "methods/request/attribute.h"
#include "methods/request/request_result.h"
#include "methods/result/join.h"
#include "views/export/result_json.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct attribution *load(const char *name) {
    struct attribution *a = NULL;
    struct err e = {0};
    char *path = mem_format("tests/fixtures/inseq-step-attributions/%s.json.gz", name);
    cr_assert_eq(result_file_load(&a, path, &e), ERR_OK, "%s", e.message);
    free(path);
    return a;
}

static struct attribution *run(const char *model, const struct attribute_request *r) {
    struct attribution *a = NULL;
    struct model *m = NULL;
    struct err e = {0};
    struct model_options options = {0};
    char *path = mem_format("tests/fixtures/tiny/%s", model);
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(attribute_run(&a, m, r, NULL, NULL, &e), ERR_OK, "%s", e.message);
    model_free(m);
    free(path);
    return a;
}

static void expect_scores(const struct scores *a, const struct scores *b, const char *what) {
    cr_assert_eq(a->n_dims, b->n_dims, "%s: %d, not %d", what, a->n_dims, b->n_dims);
    for (int d = 0; d < a->n_dims; d++)
        cr_assert_eq(a->dims[d], b->dims[d], "%s, %d: %lld, not %lld", what, d,
                     (long long)a->dims[d], (long long)b->dims[d]);
    for (int64_t i = 0; i < scores_count(a); i++)
        cr_expect(fabsf(a->data[i] - b->data[i]) <= 1e-4f * fabsf(b->data[i]) + 1e-6f,
                  "%s, %lld: %g, not %g", what, (long long)i, a->data[i], b->data[i]);
}

static void expect_tokens(const struct step_tokens *a, const struct step_tokens *b,
                          const char *what) {
    cr_assert_eq(a->n, b->n, "%s", what);
    for (size_t i = 0; i < a->n; i++) {
        cr_assert_eq(a->items[i].n, b->items[i].n, "%s", what);
        for (size_t k = 0; k < a->items[i].n; k++)
            cr_expect_eq(a->items[i].items[k].id, b->items[i].items[k].id, "%s", what);
    }
}

static const struct scores *named(const struct named_scores *items, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(items[i].name, name) == 0)
            return &items[i].scores;
    return NULL;
}

static void expect_steps(const struct attribution_steps *a, const struct attribution_steps *b,
                         bool first_only) {
    cr_assert_eq(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        const struct attribution_step *x = &a->items[i], *y = &b->items[i];
        expect_tokens(&x->source, &y->source, "source");
        expect_tokens(&x->prefix, &y->prefix, "prefix");
        expect_tokens(&x->target, &y->target, "target");
        expect_scores(&x->source_attributions, &y->source_attributions, "source's");
        expect_scores(&x->target_attributions, &y->target_attributions, "target's");
        cr_assert_eq(x->n_step_scores, y->n_step_scores);
        for (size_t k = 0; k < x->n_step_scores; k++) {
            const struct scores *other =
                named(y->step_scores, y->n_step_scores, x->step_scores[k].name);
            cr_assert_not_null(other);
            expect_scores(&x->step_scores[k].scores, other, x->step_scores[k].name);
        }
        if (i == 0 || !first_only)
            cr_expect_eq(x->n_sequence_scores, y->n_sequence_scores);
    }
}

/* As it was, after it was written and read. */
static void expect_kept(const struct attribution *a) {
    const struct export_how how = {0};
    struct text_buffer b = {0};
    struct attribution *again = NULL;
    struct err e = {0};
    result_json_write(&b, a, &how);
    cr_assert_eq(result_file_parse(&again, b.text, b.n, &e), ERR_OK, "%s", e.message);
    expect_steps(&again->steps, &a->steps, false);
    cr_expect(again->info.step_attributions.value);
    struct attribute_request told = request_of_result(again, 0);
    cr_expect(told.step_attributions);
    request_dispose(&told);
    attribution_release(again);
    text_buffer_dispose(&b);
}

static void check(const char *name, const char *model, struct attribute_request r) {
    struct attribution *inseqs = load(name);
    r.step_attributions = true;
    struct attribution *own = run(model, &r);
    expect_steps(&own->steps, &inseqs->steps, true);
    expect_kept(own);
    attribution_release(own);
    attribution_release(inseqs);
}

static const char *const scores[] = {"probability", "entropy"};

#define NURSE .input_text = "The nurse said", .generated_text = "The nurse said hello"
#define MANAGER .input_text = "The manager said hi", .generated_text = "O gerente disse"

Test(steps, are_inseqs_and_are_read_again) {
    check("llama", "llama",
          (struct attribute_request){.input_text = "The nurse said",
                                     .generated_text = "The nurse said hello to the cat",
                                     .step_scores = {scores, 2}});
    check("llama-attention", "llama", (struct attribute_request){NURSE, .method = "attention"});
    check(
        "marian", "marian",
        (struct attribute_request){MANAGER, .attribute_target = true, .step_scores = {scores, 1}});
    check("marian-source", "marian", (struct attribute_request){MANAGER, .method = "occlusion"});
}

Test(steps, of_several_texts_follow_each_other) {
    const struct attribute_request r = {NURSE, .method = "dummy", .step_scores = {scores, 1},
                                        .step_attributions = true};
    struct attribution *a = run("llama", &r), *b = run("llama", &r);
    const size_t n = a->steps.n;
    cr_assert_gt(n, 0);
    attribution_join_take(a, b);
    cr_expect_eq(a->steps.n, 2 * n);
    expect_kept(a);
    attribution_release(a);
}

Test(steps, are_not_kept_unasked) {
    const struct attribute_request r = {NURSE, .method = "dummy"};
    struct attribution *a = run("llama", &r);
    cr_expect_null(a->steps.items);
    cr_expect(a->info.step_attributions.given && !a->info.step_attributions.value);
    attribution_release(a);
}
