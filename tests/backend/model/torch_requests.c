/*
 * What must not change a model's gradients (methods/torch_families.c says whether they are right):
 * how targets are put together, how sequences are batched, whether the other side is asked for, how
 * often they are computed. And requests that are refused.
 */
#include "backend/base/mem.h"
#include "backend/model.h"
#include "backend/tn.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LENGTH = 9, N = 4 };

struct subject {
    struct model *model;
    int64_t n_width, n_vocab, n_source, n_target;
    int32_t source_ids[MAX_LENGTH], target_ids[MAX_LENGTH];
    float *source, *target; /* embeddings [S, D], [T, D] */
};

static double next_random(void) {
    static uint64_t state = 7;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / (double)(1ull << 53) * 2 - 1;
}

static void subject_open(struct subject *s, const char *name, enum model_dtype dtype) {
    char *path = mem_format("tests/fixtures/tiny/%s", name);
    struct err e;
    struct model_options options = {.dtype = dtype, .n_threads = 2};
    cr_assert_eq(model_open(&s->model, path, &options, NULL, &e), ERR_OK, "%s", e.message);
    free(path);
    const struct model_config *c = model_config(s->model);
    s->n_width = c->n_width, s->n_vocab = c->n_vocab, s->n_target = MAX_LENGTH;
    s->n_source = c->encoder_decoder ? 6 : 0;
    for (int i = 0; i < MAX_LENGTH; i++) {
        s->source_ids[i] = (int32_t)((17 * i + 23) % (c->n_vocab - 4)) + 2;
        s->target_ids[i] = (int32_t)((29 * i + 11) % (c->n_vocab - 4)) + 2;
    }
    s->source = mem_alloc((size_t)(MAX_LENGTH * s->n_width) * sizeof *s->source);
    s->target = mem_alloc((size_t)(MAX_LENGTH * s->n_width) * sizeof *s->target);
    if (s->n_source)
        cr_assert_eq(
            model_embed(s->model, STACK_ENCODER, s->source_ids, s->n_source, s->source, &e), ERR_OK,
            "%s", e.message);
    cr_assert_eq(model_embed(s->model, STACK_DECODER, s->target_ids, s->n_target, s->target, &e),
                 ERR_OK, "%s", e.message);
}

static void subject_close(struct subject *s) {
    struct err e;
    model_free(s->model);
    free(s->source);
    free(s->target);
    cr_expect_eq(tn_load(&e)->live_handles(), 0, "tensors were not freed");
}

static struct forward_input input_of(const struct subject *s) {
    return (struct forward_input){.n_batch = 1,
                                  .source_ids = s->source_ids,
                                  .n_source = s->n_source,
                                  .target_ids = s->target_ids,
                                  .n_target = s->n_target,
                                  .keep_gradient = true};
}

static struct forward *run(const struct subject *s, const struct forward_input *in) {
    struct forward *f;
    struct err e;
    cr_assert_eq(model_forward(&f, s->model, in, NULL, &e), ERR_OK, "%s", e.message);
    return f;
}

static float *random_floats(int64_t n) {
    float *x = mem_alloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)next_random();
    return x;
}

/* --- what must not change them ----------------------------------------------------------- */

static void expect_near(const float *a, const float *b, int64_t n, double bound, const char *what) {
    double largest = 0, worst = 0;
    for (int64_t i = 0; i < n; i++)
        largest = fmax(largest, fabs((double)b[i]));
    for (int64_t i = 0; i < n; i++) {
        const double difference = fabs((double)a[i] - b[i]);
        if (!(difference <= worst))
            worst = difference;
    }
    cr_expect(worst <= bound * largest, "%s: differs by %g of the largest", what, worst / largest);
}

static void gradient(struct forward *f, const struct position *at, int64_t n, const float *d,
                     float *source, float *target) {
    struct err e;
    const struct vjp_request back = {
        .at = at, .n = n, .d_logits = d, .source = source, .target = target};
    cr_assert_eq(forward_vjp(f, &back, NULL, &e), ERR_OK, "%s", e.message);
}

static void check_invariance(const char *name) {
    struct subject s;
    struct err e;
    subject_open(&s, name, MODEL_FLOAT32);
    const int64_t n = s.n_target * s.n_width, n_source = s.n_source * s.n_width;
    const struct position at[N] = {{0, 8}, {0, 2}, {0, 5}, {0, 3}},
                          in_second[N] = {{1, 8}, {1, 2}, {1, 5}, {1, 3}};
    float *d = random_floats(N * s.n_vocab), *all = mem_alloc((size_t)(N * n) * sizeof *all),
          *again = mem_alloc((size_t)(N * n) * sizeof *again);
    float *source = mem_alloc((size_t)(N * n_source + 1) * sizeof *source),
          *source_again = mem_alloc((size_t)(N * n_source + 1) * sizeof *source);
    float *no_source = s.n_source ? source : NULL,
          *no_source_again = s.n_source ? source_again : NULL;
    struct forward_input in = input_of(&s);
    struct forward *f = run(&s, &in);
    gradient(f, at, N, d, no_source, all);
    gradient(f, at, N, d, no_source_again, again);
    cr_expect_arr_eq(all, again, (size_t)(N * n) * sizeof *all,
                     "the same computation gave other bits");
    for (int i = 0; i < N; i++)
        gradient(f, at + i, 1, d + i * s.n_vocab, s.n_source ? source_again + i * n_source : NULL,
                 again + i * n);
    expect_near(again, all, N * n, 1e-5, "one target at a time");
    expect_near(source_again, source, N * n_source, 1e-5, "one target at a time, source side");
    memset(again, 0, (size_t)(N * n) * sizeof *again);
    gradient(f, at, N, d, NULL, again);
    expect_near(again, all, N * n, 1e-5, "without the source side");
    static const int64_t first[N] = {3, 2, 0, 1};
    for (int fused = 0; fused < 2; fused++) {
        tn_load(&e)->set_fused(fused);
        cr_assert_eq(
            forward_vjp(f,
                        &(struct vjp_request){
                            .at = at, .first = first, .n = N, .d_logits = d, .target = again},
                        NULL, &e),
            ERR_OK, "%s", e.message);
        for (int i = 0; i < N; i++) {
            for (int64_t k = 0; k < first[i] * s.n_width; k++)
                cr_expect_eq(again[i * n + k], 0, "a row before the first");
            expect_near(again + i * n + first[i] * s.n_width, all + i * n + first[i] * s.n_width,
                        n - first[i] * s.n_width, 1e-5, "rows from the first on");
        }
    }
    forward_free(f);
    in.recompute = true; /* blocks are computed again: the same operations on the same numbers */
    f = run(&s, &in);
    for (int round = 0; round < 2; round++) {
        gradient(f, at, N, d, no_source_again, again);
        cr_expect_arr_eq(all, again, (size_t)(N * n) * sizeof *all, "computed again");
        cr_expect_arr_eq(source, source_again, (size_t)(N * n_source) * sizeof *source,
                         "computed again, source side");
    }
    forward_free(f);
    in.recompute = false;
    in.n_batch = 2; /* the same as the second of two sequences, the first of which is another */
    float *both = mem_alloc((size_t)(2 * n) * sizeof *both);
    for (int64_t i = 0; i < n; i++)
        both[i] = -s.target[i], both[n + i] = s.target[i];
    in.target_embeddings = both;
    f = run(&s, &in);
    gradient(f, in_second, N, d, no_source_again, again);
    expect_near(again, all, N * n, 1e-5, "in a batch");
    expect_near(source_again, source, N * n_source, 1e-5, "in a batch, source side");
    forward_free(f);
    float *blocks[] = {d, all, again, source, source_again, both};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        free(blocks[i]);
    subject_close(&s);
}

Test(invariance, of_llama_do_not_depend_on_how_they_are_put_together) {
    check_invariance("llama");
}
Test(invariance, of_gpt2_do_not_depend_on_how_they_are_put_together) {
    check_invariance("gpt2");
}
Test(invariance, of_marian_do_not_depend_on_how_they_are_put_together) {
    check_invariance("marian");
}

/* --- what is refused --------------------------------------------------------------------- */

Test(requests, that_make_no_sense_are_errors) {
    struct subject s;
    struct err e;
    subject_open(&s, "gpt2", MODEL_FLOAT32);
    struct forward *f;
    struct forward_input in = input_of(&s);
    in.n_target = 0;
    cr_expect_eq(model_forward(&f, s.model, &in, NULL, &e), ERR_USAGE);
    in = input_of(&s);
    s.target_ids[2] = (int32_t)s.n_vocab;
    cr_expect_eq(model_forward(&f, s.model, &in, NULL, &e), ERR_FORMAT);
    s.target_ids[2] = -1;
    cr_expect_eq(model_forward(&f, s.model, &in, NULL, &e), ERR_FORMAT);
    const int64_t too_many = model_config(s.model)->n_positions + 1;
    int32_t *ids = mem_alloc((size_t)too_many * sizeof *ids);
    in.target_ids = ids, in.n_target = too_many;
    cr_expect_eq(model_forward(&f, s.model, &in, NULL, &e), ERR_USAGE);
    cr_expect_null(f);
    free(ids);
    subject_close(&s);
}
