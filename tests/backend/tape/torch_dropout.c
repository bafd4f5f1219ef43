/* Dropout: how much is dropped, what is kept, where the noise comes from. The models' noisy
 * probabilities are held against PyTorch's in tests/methods/perturbation/torch_random.c. */
#include "backend/model.h"
#include "backend/tape/dropout.h"

#include "backend/base/mem.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct noisy {
    struct tape tape;
    struct dropout dropout;
    struct space space;
    tn_scope *scope;
};

static void noisy_init(struct noisy *n, uint64_t seed, int64_t n_batch, int64_t length) {
    struct err e;
    const struct tn_api *tn = tn_load(&e);
    cr_assert_not_null(tn, "%s", e.message);
    tn->set_threads(2, false);
    *n = (struct noisy){.dropout = {.dtype = TN_FLOAT32, .device = TN_CPU},
                        .space = {STACK_DECODER, n_batch, length, 0}};
    tape_init(&n->tape, tn, NULL);
    n->tape.dropout = &n->dropout;
    n->tape.dropout_seed = seed;
    n->scope = tn->scope_open();
}

static void noisy_dispose(struct noisy *n) {
    struct err e;
    cr_expect_eq(n->tape.code, ERR_OK, "%s", n->tape.error.message);
    n->tape.tn->scope_close(n->scope);
    tape_dispose(&n->tape);
    cr_expect_eq(tn_load(&e)->live_handles(), 0, "tensors were not freed");
}

static tn_tensor *tensor(struct noisy *n, float *data, int64_t rows, int64_t columns) {
    tn_tensor *t;
    struct err e;
    cr_assert_eq(
        n->tape.tn->wrap(&t, n->scope, data, TN_FLOAT32, (int64_t[]){rows, columns}, 2, &e), ERR_OK,
        "%s", e.message);
    return t;
}

static void read_back(struct noisy *n, const tn_tensor *t, float *out) {
    struct err e;
    cr_assert_eq(n->tape.tn->read(t, out, TN_FLOAT32, &e), ERR_OK, "%s", e.message);
}

/* A new array [n_batch · length, width] of 1, 2, 3, … after `draws` rounds of dropout. */
static float *dropped(uint64_t seed, int64_t n_batch, int64_t length, int64_t width, double rate,
                      int draws) {
    struct noisy n;
    const int64_t size = n_batch * length * width;
    float *x = mem_alloc((size_t)size * sizeof *x), *out = mem_alloc((size_t)size * sizeof *out);
    noisy_init(&n, seed, n_batch, length);
    for (int64_t i = 0; i < size; i++)
        x[i] = (float)(i + 1);
    for (int i = 0; i < draws; i++) {
        tn_tensor *t = tensor(&n, x, n_batch * length, width);
        dropout_apply(&n.tape, &t, &n.space, rate);
        read_back(&n, t, out);
        for (int64_t k = 0; k < size; k++)
            cr_assert_eq(x[k], (float)(k + 1), "the input itself changed");
    }
    noisy_dispose(&n);
    free(x);
    return out;
}

enum { LENGTH = 40, WIDTH = 1000, SIZE = LENGTH * WIDTH };

Test(dropout, drops_at_its_rate_and_divides_what_it_keeps) {
    static const double rates[] = {0.02, 0.1, 0.5, 0.9};
    for (int k = 0; k < 4; k++) {
        float *x = dropped(5, 1, LENGTH, WIDTH, rates[k], 1);
        int n_zero = 0;
        for (int i = 0; i < SIZE; i++) {
            double whole = (i + 1) / (1 - rates[k]);
            n_zero += x[i] == 0;
            cr_assert(x[i] == 0 || fabs(x[i] - whole) <= 1e-6 * whole, "element %d at rate %g: %g",
                      i, rates[k], x[i]);
        }
        double deviations = (n_zero - SIZE * rates[k]) / sqrt(SIZE * rates[k] * (1 - rates[k]));
        cr_expect(fabs(deviations) <= 4.5, "rate %g: %d of %d are dropped, %g deviations off",
                  rates[k], n_zero, (int)SIZE, deviations);
        free(x);
    }
}

Test(dropout, of_rate_zero_changes_nothing_and_of_one_leaves_nothing) {
    float *all = dropped(1, 2, 3, 7, 0, 1), *none = dropped(1, 2, 3, 7, 1, 1);
    for (int i = 0; i < 42; i++)
        cr_expect(all[i] == (float)(i + 1) && none[i] == 0);
    free(all);
    free(none);
    struct noisy n;
    float x[] = {1, 2, 3, 4};
    noisy_init(&n, 1, 1, 2);
    n.tape.dropout = NULL; /* as in every other pass */
    tn_tensor *t = tensor(&n, x, 2, 2), *same = t;
    dropout_apply(&n.tape, &t, &n.space, 0.5);
    cr_expect_eq(t, same);
    noisy_dispose(&n);
}

Test(dropout, a_seed_repeats_it) {
    float *a = dropped(9, 3, 20, 50, 0.3, 1), *b = dropped(9, 3, 20, 50, 0.3, 1),
          *other = dropped(12, 3, 20, 50, 0.3, 1);
    cr_expect_arr_eq(a, b, 3000 * sizeof *a);
    cr_expect_arr_neq(a, other, 3000 * sizeof *a);
    free(a);
    free(b);
    free(other);
}

/* So that passes are the same whatever batches they are cut into. */
Test(dropout, an_entrys_noise_does_not_depend_on_its_batch) {
    enum { EACH = 20 * 50 };
    float *batch = dropped(9, 3, 20, 50, 0.3, 2);
    for (int b = 0; b < 3; b++) {
        float *alone = dropped(9 + (uint64_t)b, 1, 20, 50, 0.3, 2);
        for (int i = 0; i < EACH; i++)
            cr_assert_eq(batch[b * EACH + i] == 0, alone[i] == 0, "entry %d, element %d", b, i);
        free(alone);
    }
    free(batch);
}

/* Of two masks at rate 0.3 a share 0.09 of places is dropped in both, if neither knows of the
 * other. */
static void expect_independent(const float *a, const float *b, int n, const char *what) {
    int both = 0;
    for (int i = 0; i < n; i++)
        both += a[i] == 0 && b[i] == 0;
    double deviations = (both - 0.09 * n) / sqrt(n * 0.09 * 0.91);
    cr_expect(fabs(deviations) <= 4.5, "%s: %d of %d dropped in both, %g deviations off", what,
              both, n, deviations);
}

Test(dropout, entries_draws_rows_and_seeds_are_independent) {
    float *x = dropped(3, 4, LENGTH, WIDTH, 0.3, 1), *next = dropped(3, 4, LENGTH, WIDTH, 0.3, 2),
          *seed = dropped(3000, 4, LENGTH, WIDTH, 0.3, 1);
    for (int b = 1; b < 4; b++)
        expect_independent(x, x + b * SIZE, SIZE, "entries");
    expect_independent(x, next, 4 * SIZE, "successive draws");
    expect_independent(x, next + SIZE, 3 * SIZE, "an entry and the one before in the next draw");
    expect_independent(x, seed, 4 * SIZE, "seeds");
    expect_independent(x, x + WIDTH, SIZE - WIDTH, "rows");
    expect_independent(x, x + 1, SIZE - 1, "neighbours");
    free(x);
    free(next);
    free(seed);
}

/* --- attention --------------------------------------------------------------------------- */

enum { BATCH = 50, ROWS = 6, HEADS = 4, KV_HEADS = 2, D = 6 };

/* Values are unit vectors of their key, so that the result is the weights themselves. */
static void attend(struct noisy *n, const struct tn_attention *a, double rate, float *out) {
    const int64_t n_q = BATCH * ROWS * HEADS * D,
                  n_k = (a->shared_keys ? 1 : BATCH) * ROWS * KV_HEADS * D;
    float *q = mem_alloc((size_t)n_q * sizeof *q), *k = mem_alloc((size_t)n_k * sizeof *k),
          *v = mem_alloc((size_t)n_k * sizeof *v);
    tn_tensor *y, *log_sums;
    struct err e;
    for (int64_t i = 0; i < n_q; i++)
        q[i] = (float)sin(0.7 * (double)i);
    for (int64_t i = 0; i < n_k; i++) {
        k[i] = (float)cos(1.3 * (double)i);
        v[i] = i % D == i / (KV_HEADS * D) % ROWS;
    }
    n->dropout.rates.attention = rate;
    tn_tensor *tq = tensor(n, q, BATCH * ROWS, HEADS * D),
              *tk = tensor(n, k, n_k / (KV_HEADS * D), KV_HEADS * D);
    tn_tensor *tv = tensor(n, v, n_k / (KV_HEADS * D), KV_HEADS * D);
    if (rate > 0)
        dropout_attention(&n->tape, &y, a, tq, tk, tv);
    else
        cr_assert_eq(n->tape.tn->attention(&y, &log_sums, n->scope, a, tq, tk, tv, &e), ERR_OK,
                     "%s", e.message);
    cr_assert_eq(n->tape.code, ERR_OK, "%s", n->tape.error.message);
    read_back(n, y, out);
    free(q);
    free(k);
    free(v);
}

static void check_attention(bool causal, bool shared) {
    enum { N = BATCH * ROWS * HEADS * D };
    const double rate = 0.4;
    struct noisy n;
    struct tn_attention a = {.n_batch = BATCH,
                             .n_query = ROWS,
                             .n_key = ROWS,
                             .key_capacity = ROWS,
                             .n_heads = HEADS,
                             .n_kv_heads = KV_HEADS,
                             .width = D,
                             .causal = causal,
                             .shared_keys = shared,
                             .scale = 0.5};
    float *whole = mem_alloc(N * sizeof *whole), *noisy = mem_alloc(N * sizeof *noisy);
    int n_dropped = 0, n_seen = 0;
    noisy_init(&n, 7, BATCH, ROWS);
    attend(&n, &a, 0, whole);
    attend(&n, &a, rate, noisy);
    for (int i = 0; i < N; i++) {
        int query = i / (HEADS * D) % ROWS, key = i % D;
        if (causal && key > query) {
            cr_assert(whole[i] == 0 && noisy[i] == 0, "a later key is seen");
            continue;
        }
        n_seen++;
        n_dropped += noisy[i] == 0;
        cr_assert(noisy[i] == 0 || fabs(noisy[i] - whole[i] / (1 - rate)) <= 2e-6,
                  "weight %d: %g, without noise %g", i, noisy[i], whole[i]);
    }
    double deviations = (n_dropped - n_seen * rate) / sqrt(n_seen * rate * (1 - rate));
    cr_expect(fabs(deviations) <= 4.5, "%d of %d weights are dropped, %g deviations off", n_dropped,
              n_seen, deviations);
    noisy_dispose(&n);
    free(whole);
    free(noisy);
}

Test(dropout, of_attention_drops_weights_of_its_own_for_every_head_and_query) {
    check_attention(false, false);
    check_attention(true, false);
    check_attention(false, true);
}

/* --- whole models ------------------------------------------------------------------------ */

static void noisy_logits(struct model *m, int64_t n_batch, uint64_t seed, float *out) {
    static const int32_t source[] = {5, 9, 40, 7, 0}, target[] = {3, 20, 31, 8};
    const bool two = model_config(m)->encoder_decoder;
    struct forward_input in = {.n_batch = n_batch,
                               .source_ids = source,
                               .n_source = two ? 5 : 0,
                               .target_ids = target,
                               .n_target = 4,
                               .dropout = true,
                               .dropout_seed = seed};
    struct forward *f;
    struct err e;
    cr_assert_eq(model_forward(&f, m, &in, NULL, &e), ERR_OK, "%s", e.message);
    for (int64_t b = 0; b < n_batch; b++) {
        struct position at = {b, 3};
        cr_assert_eq(forward_logits(f, &at, 1, out + b * model_config(m)->n_vocab, &e), ERR_OK,
                     "%s", e.message);
    }
    forward_free(f);
}

Test(dropout, a_models_passes_are_the_same_alone_and_in_a_batch_and_differ_from_one_another) {
    static const char *const paths[] = {"tests/fixtures/tiny/gpt2", "tests/fixtures/tiny/marian"};
    for (int k = 0; k < 2; k++) {
        struct model *m = NULL;
        struct model_options options = {.n_threads = 1};
        struct err e;
        cr_assert_eq(model_open(&m, paths[k], &options, NULL, &e), ERR_OK, "%s", e.message);
        const int64_t v = model_config(m)->n_vocab;
        float *batch = mem_alloc((size_t)(3 * v) * sizeof *batch),
              *alone = mem_alloc((size_t)v * sizeof *alone);
        noisy_logits(m, 3, 40, batch);
        for (int b = 0; b < 3; b++) {
            double worst = 0, from_first = 0;
            noisy_logits(m, 1, 40 + (uint64_t)b, alone);
            for (int64_t i = 0; i < v; i++) {
                worst = fmax(worst, fabs(batch[b * v + i] - alone[i]));
                from_first = fmax(from_first, fabs(batch[b * v + i] - batch[i]));
            }
            cr_expect(worst <= 1e-5, "%s: entry %d differs by %g from the pass alone", paths[k], b,
                      worst);
            cr_expect(b == 0 || from_first > 1e-3, "%s: entries 0 and %d have the same noise",
                      paths[k], b);
        }
        free(batch);
        free(alone);
        model_free(m);
    }
}
