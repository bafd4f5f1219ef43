/* Loops long enough to be done in slices: the numbers of libtorch's own operations all the same,
 * and an end as soon as somebody asks for it. */
#include "backend/tn.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { HEADS = 2, QUERIES = 600, KEYS = 4096, WIDTH = 64 };

struct world {
    const struct tn_api *tn;
    tn_scope *scope;
    struct err error;
    float *numbers;
    tn_tensor *q, *k, *v;
};
static const struct tn_attention attention = {.n_batch = 1,
                                              .n_query = QUERIES,
                                              .n_key = KEYS,
                                              .key_capacity = KEYS,
                                              .first_query = KEYS - QUERIES,
                                              .n_heads = HEADS,
                                              .n_kv_heads = HEADS,
                                              .width = WIDTH,
                                              .causal = true,
                                              .scale = 0.125};

static tn_tensor *wrapped(struct world *w, int64_t rows) {
    tn_tensor *t;
    cr_assert_eq(w->tn->wrap(&t, w->scope, w->numbers, TN_FLOAT32, (int64_t[]){rows, HEADS * WIDTH},
                             2, &w->error),
                 ERR_OK, "%s", w->error.message);
    return t;
}

static void world_open(struct world *w) {
    *w = (struct world){.numbers = malloc(sizeof(float) * KEYS * HEADS * WIDTH)};
    for (int i = 0; i < KEYS * HEADS * WIDTH; i++)
        w->numbers[i] = sinf((float)i * 0.37f + (float)(i % 911));
    w->tn = tn_load(&w->error);
    cr_assert_not_null(w->tn, "%s", w->error.message);
    w->tn->set_threads(2, false);
    w->scope = w->tn->scope_open();
    w->q = wrapped(w, QUERIES);
    w->k = w->v = wrapped(w, KEYS);
}

static void world_close(struct world *w) {
    w->tn->set_fused(true);
    w->tn->scope_close(w->scope);
    free(w->numbers);
}

static float *read_all(struct world *w, const tn_tensor *x, int64_t n) {
    float *out = malloc(sizeof *out * (size_t)n);
    cr_assert_eq(w->tn->read(x, out, TN_FLOAT32, &w->error), ERR_OK);
    return out;
}

static void expect_same(float *ours, float *theirs, int64_t n, double within) {
    for (int64_t i = 0; i < n; i++)
        cr_assert_float_eq(ours[i], theirs[i], within, "number %lld: %g and %g", (long long)i,
                           (double)ours[i], (double)theirs[i]);
    free(ours);
    free(theirs);
}

static float *attended(struct world *w, const struct tn_attention *a, bool fused) {
    tn_tensor *y;
    w->tn->set_fused(fused);
    cr_assert_eq(w->tn->attention(&y, NULL, w->scope, a, w->q, w->k, w->v, &w->error), ERR_OK, "%s",
                 w->error.message);
    return read_all(w, y, QUERIES * HEADS * WIDTH);
}

static float *weighed(struct world *w, const struct tn_attention *a, bool fused) {
    tn_tensor *y;
    w->tn->set_fused(fused);
    cr_assert_eq(w->tn->attention_weights(&y, w->scope, a, w->q, w->k, &w->error), ERR_OK, "%s",
                 w->error.message);
    return read_all(w, y, (int64_t)HEADS * QUERIES * KEYS);
}

/* The derivative of a square attention: of queries, keys and values, one below the other. */
enum { OWN_QUERIES = QUERIES - 100, OWN_KEYS = QUERIES - 150 };
static float *derived(struct world *w, const struct tn_attention *a, bool fused) {
    const struct tn_segment one = {
        .n_query = OWN_QUERIES, .first_query = 100, .n_key = QUERIES, .first_key = 150};
    const int64_t width = HEADS * WIDTH;
    tn_tensor *y, *sums, *d[3], *dy = wrapped(w, OWN_QUERIES), *k = wrapped(w, QUERIES);
    float *out = malloc(sizeof *out * (size_t)((OWN_QUERIES + 2 * OWN_KEYS) * width)), *to = out;
    w->tn->set_fused(fused);
    cr_assert_eq(w->tn->attention(&y, &sums, w->scope, a, w->q, k, k, &w->error), ERR_OK, "%s",
                 w->error.message);
    cr_assert_eq(w->tn->attention_vjp(&d[0], &d[1], &d[2], w->scope, a, &one, 1, OWN_KEYS, 0, dy,
                                      w->q, k, k, sums, &w->error),
                 ERR_OK, "%s", w->error.message);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(w->tn->read(d[i], to, TN_FLOAT32, &w->error), ERR_OK);
        to += (i == 0 ? OWN_QUERIES : OWN_KEYS) * width;
    }
    return out;
}

Test(loops, slices_yield_what_libtorch_does) {
    struct world w;
    world_open(&w);
    expect_same(attended(&w, &attention, true), attended(&w, &attention, false),
                QUERIES * HEADS * WIDTH, 2e-5);
    world_close(&w);
}

/* Windows that begin and end within packs and blocks, and are longer and shorter than one. */
Test(loops, windows_and_caps_yield_what_libtorch_does) {
    static const int64_t windows[] = {1, 5, 37, 501};
    struct world w;
    world_open(&w);
    for (int i = 0; i < 4; i++) {
        struct tn_attention a = attention;
        a.window = windows[i];
        a.cap = i % 2 ? 1.5 : 0;
        expect_same(attended(&w, &a, true), attended(&w, &a, false), QUERIES * HEADS * WIDTH, 2e-5);
        expect_same(weighed(&w, &a, true), weighed(&w, &a, false), (int64_t)HEADS * QUERIES * KEYS,
                    2e-5);
        a.n_key = a.key_capacity = QUERIES;
        a.first_query = 0;
        expect_same(derived(&w, &a, true), derived(&w, &a, false),
                    (OWN_QUERIES + 2 * OWN_KEYS) * HEADS * WIDTH, 2e-4);
    }
    world_close(&w);
}

/* A table that ends within what a query sees, on either side, and one that goes beyond. */
static struct tn_attention biased(struct world *w, float *numbers, int64_t n, int64_t zero) {
    struct tn_attention a = attention;
    tn_tensor *bias;
    cr_assert_eq(
        w->tn->wrap(&bias, w->scope, numbers, TN_FLOAT32, (int64_t[]){HEADS, n}, 2, &w->error),
        ERR_OK, "%s", w->error.message);
    a.bias = bias, a.n_bias = n, a.bias_zero = zero;
    return a;
}

Test(loops, biases_yield_what_libtorch_does) {
    static const int64_t tables[4][2] = {{41, 30}, {5000, 4800}, {3, -700}, {9, 4100}};
    struct world w;
    world_open(&w);
    for (int i = 0; i < 8; i++) {
        struct tn_attention a = biased(&w, w.numbers + 7, tables[i / 2][0], tables[i / 2][1]);
        a.causal = i % 2;
        a.window = i % 2 ? 501 : 0;
        expect_same(attended(&w, &a, true), attended(&w, &a, false), QUERIES * HEADS * WIDTH, 2e-5);
        expect_same(weighed(&w, &a, true), weighed(&w, &a, false), (int64_t)HEADS * QUERIES * KEYS,
                    2e-5);
        a.n_key = a.key_capacity = QUERIES;
        a.first_query = 0;
        expect_same(derived(&w, &a, true), derived(&w, &a, false),
                    (OWN_QUERIES + 2 * OWN_KEYS) * HEADS * WIDTH, 2e-4);
    }
    world_close(&w);
}

/* The outermost column is for all that is further away. */
Test(loops, a_bias_that_forbids_what_is_far_is_a_window) {
    struct world w;
    world_open(&w);
    float table[HEADS * 38]; /* 37 keys behind, and the query's own */
    struct tn_attention a = biased(&w, table, 38, 37), window = attention;
    for (int i = 0; i < HEADS * 38; i++)
        table[i] = i % 38 ? 0 : -1e9f;
    float *far = weighed(&w, &a, true);
    window.window = 37;
    expect_same(far, weighed(&w, &window, true), (int64_t)HEADS * QUERIES * KEYS, 1e-6);
    world_close(&w);
}

Test(loops, a_bias_of_another_shape_is_refused) {
    struct world w;
    tn_tensor *y;
    world_open(&w);
    struct tn_attention a = biased(&w, w.numbers, 41, 30);
    a.n_bias = 42;
    cr_expect_eq(w.tn->attention(&y, NULL, w.scope, &a, w.q, w.k, w.v, &w.error), ERR_SHAPE);
    a.n_bias = 41, a.cap = 2;
    cr_expect_eq(w.tn->attention(&y, NULL, w.scope, &a, w.q, w.k, w.v, &w.error), ERR_SHAPE);
    world_close(&w);
}

/* A single query takes another way. */
static void check_one_query(struct world *w, const struct tn_attention *a) {
    struct tn_attention one = *a;
    tn_tensor *y;
    one.n_query = 1;
    float *among = attended(w, a, true);
    w->q = wrapped(w, 1);
    cr_assert_eq(w->tn->attention(&y, NULL, w->scope, &one, w->q, w->k, w->v, &w->error), ERR_OK);
    float *alone = read_all(w, y, HEADS * WIDTH);
    for (int i = 0; i < HEADS * WIDTH; i++)
        cr_expect_float_eq(alone[i], among[i], 1e-5);
    w->q = wrapped(w, QUERIES);
    free(among);
    free(alone);
}

Test(loops, one_query_sees_what_it_sees_among_others) {
    struct world w;
    struct tn_attention a = attention;
    world_open(&w);
    a.window = 37, a.cap = 1.5;
    check_one_query(&w, &a);
    a = biased(&w, w.numbers, 41, 30);
    check_one_query(&w, &a);
    world_close(&w);
}

Test(loops, a_flag_ends_them_until_it_is_taken_away) {
    struct world w;
    atomic_bool stop = true;
    tn_tensor *y;
    world_open(&w);
    w.tn->stop_at(&stop);
    cr_expect_eq(w.tn->attention(&y, NULL, w.scope, &attention, w.q, w.k, w.v, &w.error),
                 ERR_CANCELLED);
    atomic_store(&stop, false);
    cr_expect_eq(w.tn->attention(&y, NULL, w.scope, &attention, w.q, w.k, w.v, &w.error), ERR_OK);
    atomic_store(&stop, true);
    w.tn->stop_at(NULL);
    cr_expect_eq(w.tn->attention(&y, NULL, w.scope, &attention, w.q, w.k, w.v, &w.error), ERR_OK);
    world_close(&w);
}
