/* What the tests of faithfulness from tokens share: results are made, their texts spoilt, and what
 * is watched must still be what the run itself said of every column. */
#ifndef TINSEQ_TESTS_METHODS_TOKEN_CHECKS_H
#define TINSEQ_TESTS_METHODS_TOKEN_CHECKS_H

#include "aggregators/aggregate.h"
#include "backend/base/mem.h"
#include "backend/discovery.h"
#include "backend/model.h"
#include "methods/evaluation/faithfulness.h"
#include "methods/request/attribute.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static inline struct model *open_at(const char *path) {
    struct model *m;
    struct err e = {0};
    struct model_options options = {0};
    cr_assert_eq(model_open(&m, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    return m;
}

static inline struct attribution *run_request(struct model *m, const struct attribute_request *r) {
    struct attribution *a = NULL;
    struct err e = {0};
    cr_assert_eq(attribute_run(&a, m, r, NULL, NULL, &e), ERR_OK, "%s: %s", r->input_text,
                 e.message);
    return a;
}

static inline enum err_code reduce(void *user, struct attribution_sequence *out,
                                   const struct attribution_sequence *in, struct err *e) {
    (void)user;
    return aggregate_default(out, in, e);
}

/* With noise, so that the method runs again, too. */
static inline enum err_code try_evaluate(struct faithfulness **f, struct model *m,
                                         const struct attribution *a, size_t i, struct err *e) {
    static const struct faithfulness_reducer reducer = {NULL, reduce};
    struct faithfulness_spec spec = faithfulness_defaults();
    spec.n_points = 3;
    spec.n_noise = 1;
    return faithfulness_run(f, m, &a, 1, i, &spec, &reducer, NULL, NULL, e);
}

static inline struct faithfulness *evaluate(struct model *m, const struct attribution *a,
                                            size_t i) {
    struct faithfulness *f;
    struct err e = {0};
    cr_assert_eq(try_evaluate(&f, m, a, i, &e), ERR_OK, "%s", e.message);
    return f;
}

static inline void expect_refused(struct model *m, const struct attribution *a, const char *why) {
    struct faithfulness *f;
    struct err e = {0};
    cr_expect_eq(try_evaluate(&f, m, a, 0, &e), ERR_FORMAT);
    cr_expect(strstr(e.message, why), "%s", e.message);
    faithfulness_free(f);
}

static inline void spoil_texts(struct info_texts *t) {
    for (size_t i = 0; i < t->n; i++)
        mem_replace(&t->items[i], mem_text("another text"));
}

/* The value at the whole input is the step score that the run itself has of it. */
static inline void check_values(struct model *m, const struct attribution *a, size_t i,
                                const char *fn) {
    struct faithfulness *f = evaluate(m, a, i);
    const struct scores *own = attribution_find_step_scores(&a->sequences[i], fn);
    cr_assert_eq(f->n_columns, own->dims[0]);
    for (int64_t g = 0; g < f->n_columns; g++)
        cr_expect_float_eq(f->value[g], own->data[g], 1e-5 * (1 + fabsf(own->data[g])),
                           "text %zu, %s: column %d is %g, not %g", i, fn, (int)g, f->value[g],
                           (double)own->data[g]);
    cr_expect(f->methods[0].mean.sensitivity < 10, "%g", f->methods[0].mean.sensitivity);
    faithfulness_free(f);
}

static inline void check_one(struct model *m, const struct attribute_request *request) {
    struct attribute_request r = *request;
    const char *foil = foil_given(&r.foil) ? "contrast_logits_diff" : "probability";
    const char *fn = r.attributed_fn ? r.attributed_fn : foil;
    r.step_scores = (struct names){&fn, 1};
    struct attribution *a = run_request(m, &r);
    spoil_texts(&a->info.input_texts);
    spoil_texts(&a->info.generated_texts);
    check_values(m, a, 0, fn);
    attribution_release(a);
}

static inline void check_tokens(const char *path, const struct attribute_request *requests,
                                size_t n) {
    struct model *m = open_at(path);
    for (size_t i = 0; i < n; i++)
        check_one(m, &requests[i]);
    model_free(m);
}

static inline void check_model(const char *name, const struct attribute_request *requests,
                               size_t n) {
    char *path;
    struct err e = {0};
    cr_assert_eq(model_resolve(&path, name, &e), ERR_OK, "%s", e.message);
    check_tokens(path, requests, n);
    free(path);
}

#endif
