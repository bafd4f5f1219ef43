/* Pipelines by their texts, and results to compare. Included by tests that have TINSEQ_FIXTURES. */
#ifndef TINSEQ_TESTS_AGGREGATORS_PIPELINES_H
#define TINSEQ_TESTS_AGGREGATORS_PIPELINES_H

#include "aggregators/aggregate.h"
#include "app/files/result_file.h"
#include "backend/base/mem.h"

#include <criterion/criterion.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline struct attribution *load_result(const char *name) {
    struct err e = {0};
    struct attribution *a;
    char *path = mem_format("%s/%s", getenv("TINSEQ_FIXTURES"), name);
    cr_assert_eq(result_file_load(&a, path, &e), ERR_OK, "%s", e.message);
    free(path);
    return a;
}

/* Stages parted by blanks outside of their options, and --aggregation_kwargs. */
static inline enum err_code read_pipeline(struct pipeline *p, const char *texts, const char *kwargs,
                                          struct err *e) {
    char *all = mem_text(texts), *rest = all, *text;
    enum err_code code = ERR_OK;
    *p = (struct pipeline){0};
    while ((text = strsep(&rest, " ")) && !code)
        if (*text)
            code = pipeline_add(p, text, e);
    free(all);
    if (!code && kwargs)
        code = pipeline_options(p, kwargs, e);
    return code ? code : pipeline_check(p, e);
}

static inline enum err_code aggregate_by(struct attribution_sequence *out,
                                         const struct attribution_sequence *in, const char *texts,
                                         const char *kwargs, struct err *e) {
    struct pipeline p;
    *out = (struct attribution_sequence){0};
    enum err_code code = read_pipeline(&p, texts, kwargs, e);
    if (!code)
        code = aggregate_sequence(out, in, &p, NULL, e);
    pipeline_dispose(&p);
    return code;
}

static inline void expect_scores(const struct scores *got, const struct scores *want,
                                 const char *name) {
    cr_assert_eq(got->n_dims, want->n_dims, "%s: %d dimensions, not %d", name, got->n_dims,
                 want->n_dims);
    cr_assert_eq(scores_count(got), scores_count(want), "%s", name);
    for (int64_t i = 0; i < scores_count(want); i++) {
        float a = got->data[i], b = want->data[i];
        cr_expect((isnan(a) && isnan(b)) || fabsf(a - b) <= 1e-6f * fmaxf(1, fabsf(b)),
                  "%s [%d]: %g, not %g", name, (int)i, (double)a, (double)b);
    }
}

static inline void expect_pieces(const struct token_list *got, const struct token_list *want,
                                 const char *name) {
    cr_assert_eq(got->n, want->n, "%s: %zu tokens, not %zu", name, got->n, want->n);
    for (size_t i = 0; i < want->n; i++)
        cr_expect_str_eq(got->items[i].piece, want->items[i].piece, "%s", name);
}

#endif
