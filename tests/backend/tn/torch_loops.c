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

static float *attended(struct world *w, bool fused) {
    tn_tensor *y;
    float *out = malloc(sizeof *out * QUERIES * HEADS * WIDTH);
    w->tn->set_fused(fused);
    cr_assert_eq(w->tn->attention(&y, NULL, w->scope, &attention, w->q, w->k, w->v, &w->error),
                 ERR_OK, "%s", w->error.message);
    cr_assert_eq(w->tn->read(y, out, TN_FLOAT32, &w->error), ERR_OK);
    return out;
}

Test(loops, slices_yield_what_libtorch_does) {
    struct world w;
    world_open(&w);
    float *ours = attended(&w, true), *theirs = attended(&w, false);
    for (int i = 0; i < QUERIES * HEADS * WIDTH; i++)
        cr_assert_float_eq(ours[i], theirs[i], 2e-5, "number %d: %g and %g", i, (double)ours[i],
                           (double)theirs[i]);
    free(ours);
    free(theirs);
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
