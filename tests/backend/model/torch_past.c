/* A forward that shares the beginning of its target with another gives what the whole one gives. */
#include "backend/model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { VARIANTS = 3, LENGTH = 9 };

static const int32_t text[LENGTH] = {5, 270, 31, 44, 290, 12, 77, 301, 9};
static const int32_t source[6] = {4, 9, 17, 30, 52, 0},
                     translation[LENGTH] = {143, 7, 61, 80, 22, 90, 5, 11, 0};
/* One changed token of each variant, none before row 4. */
static const int32_t changed[VARIANTS] = {8, 20, 33};
static const int64_t places[VARIANTS] = {4, 6, 5};

struct setting {
    struct model *model;
    struct forward_input in;
    int64_t width, n_vocab;
};

static struct forward *forward(const struct setting *s, const struct forward_input *in) {
    struct forward *f = NULL;
    struct err e = {0};
    cr_assert_eq(model_forward(&f, s->model, in, NULL, &e), ERR_OK, "%s", e.message);
    return f;
}

static void open_setting(struct setting *s, const char *path, bool encoder_decoder) {
    struct err e = {0};
    struct model_options options = {0};
    cr_assert_eq(model_open(&s->model, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    s->width = model_config(s->model)->n_width;
    s->n_vocab = model_config(s->model)->n_vocab;
    s->in = (struct forward_input){.n_batch = 1,
                                   .source_ids = encoder_decoder ? source : NULL,
                                   .n_source = encoder_decoder ? 6 : 0,
                                   .target_ids = encoder_decoder ? translation : text,
                                   .n_target = LENGTH};
}

/* Embeddings of rows from `from` on of all variants. */
static float *variants(const struct setting *s, int64_t from) {
    int64_t n = LENGTH - from;
    float *out = malloc((size_t)(VARIANTS * n * s->width) * sizeof *out);
    struct err e = {0};
    for (int v = 0; v < VARIANTS; v++) {
        float whole[LENGTH * 256];
        int32_t ids[LENGTH];
        cr_assert(s->width <= 256);
        memcpy(ids, s->in.target_ids, sizeof ids);
        ids[places[v]] = changed[v];
        cr_assert_eq(model_embed(s->model, STACK_DECODER, ids, LENGTH, whole, &e), ERR_OK);
        memcpy(out + v * n * s->width, whole + from * s->width,
               (size_t)(n * s->width) * sizeof *out);
    }
    return out;
}

static void compare(const struct setting *s, struct forward *whole, struct forward *part,
                    int64_t n_batch, int64_t from) {
    float *a = malloc((size_t)s->n_vocab * sizeof *a), *b = malloc((size_t)s->n_vocab * sizeof *b);
    struct err e = {0};
    for (int64_t v = 0; v < n_batch; v++)
        for (int64_t row = from; row < LENGTH; row++) {
            struct position at = {v, row};
            double worst = 0;
            cr_assert_eq(forward_logits(whole, &at, 1, a, &e), ERR_OK);
            cr_assert_eq(forward_logits(part, &at, 1, b, &e), ERR_OK);
            for (int64_t k = 0; k < s->n_vocab; k++)
                worst = !(fabs(a[k] - b[k]) <= worst) ? fabs(a[k] - b[k]) : worst;
            cr_expect(worst <= 1e-4, "variant %d, row %d: logits differ by %g", (int)v, (int)row,
                      worst);
        }
    free(a);
    free(b);
}

static void check(const char *path, bool encoder_decoder) {
    struct setting s;
    open_setting(&s, path, encoder_decoder);
    struct forward_input in = s.in;
    in.keep_past = true;
    struct forward *past = forward(&s, &in), *plain = forward(&s, &s.in);
    compare(&s, plain, past, 1, 0); /* keeping keys and values changes nothing */
    float *all = variants(&s, 0);
    in = s.in;
    in.n_batch = VARIANTS;
    in.target_embeddings = all;
    struct forward *whole = forward(&s, &in);
    for (int64_t from = 1; from <= 4; from++) {
        float *rest = variants(&s, from);
        in.past = past;
        in.n_past = from;
        in.target_embeddings = rest;
        struct forward *part = forward(&s, &in);
        compare(&s, whole, part, VARIANTS, from);
        forward_free(part);
        free(rest);
    }
    in.n_batch = 1;
    in.n_past = LENGTH - 1;
    in.target_embeddings = NULL; /* the ids' own */
    struct forward *last = forward(&s, &in);
    compare(&s, plain, last, 1, LENGTH - 1);
    forward_free(last);
    forward_free(whole);
    forward_free(plain);
    forward_free(past);
    free(all);
    model_free(s.model);
}

Test(past, llama) {
    check("tests/fixtures/tiny/llama", false);
}
Test(past, gpt2) {
    check("tests/fixtures/tiny/gpt2", false);
}
Test(past, marian) {
    check("tests/fixtures/tiny/marian", true);
}

Test(past, one_that_does_not_fit_is_refused) {
    struct setting s;
    struct err e = {0};
    struct forward *f = NULL;
    open_setting(&s, "tests/fixtures/tiny/llama", false);
    struct forward *plain = forward(&s, &s.in);
    struct forward_input in = s.in;
    in.keep_past = true;
    struct forward *past = forward(&s, &in);
    in = s.in;
    in.n_past = 2;
    in.past = plain; /* kept nothing */
    cr_expect_eq(model_forward(&f, s.model, &in, NULL, &e), ERR_INTERNAL);
    in.past = past;
    in.n_past = LENGTH; /* nothing left to compute */
    cr_expect_eq(model_forward(&f, s.model, &in, NULL, &e), ERR_INTERNAL);
    in.n_past = 2;
    in.keep_gradient = true;
    cr_expect_eq(model_forward(&f, s.model, &in, NULL, &e), ERR_INTERNAL);
    cr_expect_null(f);
    forward_free(plain);
    forward_free(past);
    model_free(s.model);
}
