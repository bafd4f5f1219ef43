/* The derivative of attention through the maps of its queries and keys equals that of the
 * attention, then of the maps. */
#include "backend/tn.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/* Three sequences of seven rows that see eleven each, and five targets. */
enum {
    HEADS = 3,
    WIDTH = 8,
    INNER = HEADS * WIDTH,
    OUTER = 160,
    ENTRIES = 3,
    QUERIES = 7,
    KEYS = 11,
    CAPACITY = 12,
    TARGETS = 5,
    SOURCE_ROWS = TARGETS * KEYS,
    MOST = TARGETS * CAPACITY
};

struct world {
    const struct tn_api *tn;
    tn_scope *scope;
    struct err error;
    float numbers[MOST * OUTER];
    struct tn_attention attention;
    struct tn_segment segments[TARGETS];
    int64_t n_query_rows, n_key_rows;
};

static tn_tensor *made(struct world *w, int64_t rows, int64_t width, int from) {
    tn_tensor *t;
    cr_assert_eq(w->tn->wrap(&t, w->scope, w->numbers + from, TN_FLOAT32, (int64_t[]){rows, width},
                             2, &w->error),
                 ERR_OK, "%s", w->error.message);
    return t;
}

static void world_open(struct world *w) {
    *w = (struct world){.attention = {.n_batch = ENTRIES,
                                      .n_query = QUERIES,
                                      .n_key = KEYS,
                                      .key_capacity = CAPACITY,
                                      .n_heads = HEADS,
                                      .n_kv_heads = HEADS,
                                      .width = WIDTH,
                                      .scale = 0.3}};
    for (int i = 0; i < MOST * OUTER; i++)
        w->numbers[i] = sinf((float)i * 0.37f + (float)(i % 97));
    w->tn = tn_load(&w->error);
    cr_assert_not_null(w->tn, "%s", w->error.message);
    w->tn->set_threads(2, false);
    w->scope = w->tn->scope_open();
    for (int i = 0; i < TARGETS; i++) {
        const int64_t first = i % 2, n = i == 3 ? 1 : 3 + i - first;
        w->segments[i] = (struct tn_segment){.batch = i / 2,
                                             .query = w->n_query_rows,
                                             .n_query = n,
                                             .first_query = first,
                                             .key = w->n_key_rows,
                                             .first_key = i == 4 ? 2 : 0,
                                             .n_key = KEYS};
        w->n_query_rows += n;
        w->n_key_rows += KEYS - w->segments[i].first_key;
    }
}

static void world_close(struct world *w) {
    w->tn->set_fused(true);
    w->tn->scope_close(w->scope);
}

static tn_tensor *keys(struct world *w) {
    return made(w, (w->attention.shared_keys ? 1 : ENTRIES) * CAPACITY, INNER, 100);
}

struct gradients {
    tn_tensor *of[3]; /* of queries, of keys, of values */
};

static struct gradients derive(struct world *w, unsigned slopes) {
    struct gradients g = {{NULL}};
    tn_tensor *y, *sums, *q = made(w, ENTRIES * QUERIES, INNER, 5), *k = keys(w), *v = k;
    cr_assert_eq(w->tn->attention(&y, &sums, w->scope, &w->attention, q, k, v, &w->error), ERR_OK,
                 "%s", w->error.message);
    cr_assert_eq(w->tn->attention_vjp(&g.of[0], &g.of[1], &g.of[2], w->scope, &w->attention,
                                      w->segments, TARGETS, w->n_key_rows, slopes,
                                      made(w, w->n_query_rows, INNER, 33), q, k, v, sums,
                                      &w->error),
                 ERR_OK, "%s", w->error.message);
    return g;
}

/* The gradient of what a side is a map of: by its own gradient, or by slopes. */
static tn_tensor *beyond(struct world *w, enum tn_side side, bool slopes, bool transposed,
                         tn_tensor *into) {
    const struct gradients g = derive(w, slopes ? side : 0);
    tn_tensor *dx = NULL, *of = g.of[side == TN_KEYS],
              *map = transposed ? made(w, OUTER, INNER, 7) : made(w, INNER, OUTER, 7),
              *other = side == TN_KEYS ? made(w, ENTRIES * QUERIES, INNER, 5) : keys(w);
    enum err_code code =
        slopes ? w->tn->slopes_vjp(&dx, w->scope, &w->attention, w->segments, TARGETS, side, of,
                                   other, map, transposed, into, &w->error)
               : w->tn->linear_vjp(&dx, w->scope, of, map, transposed, into, &w->error);
    cr_assert_eq(code, ERR_OK, "%s", w->error.message);
    return into ? into : dx;
}

static void expect_same(struct world *w, const tn_tensor *a, const tn_tensor *b, int64_t n,
                        const char *what) {
    float *ours = malloc(sizeof *ours * (size_t)n), *theirs = malloc(sizeof *ours * (size_t)n);
    cr_assert_eq(w->tn->read(a, ours, TN_FLOAT32, &w->error), ERR_OK);
    cr_assert_eq(w->tn->read(b, theirs, TN_FLOAT32, &w->error), ERR_OK);
    double most = 0;
    for (int64_t i = 0; i < n; i++)
        most = fmax(most, fabs((double)theirs[i]));
    cr_assert_gt(most, 0.01, "%s", what);
    for (int64_t i = 0; i < n; i++)
        cr_assert_float_eq(ours[i], theirs[i], 1e-5 * most, "%s: number %lld: %g and %g", what,
                           (long long)i, (double)ours[i], (double)theirs[i]);
    free(ours);
    free(theirs);
}

static void compare(struct world *w, enum tn_side side, bool transposed) {
    const int64_t rows = side == TN_KEYS ? w->n_key_rows : w->n_query_rows;
    expect_same(w, beyond(w, side, true, transposed, NULL),
                beyond(w, side, false, transposed, NULL), rows * OUTER,
                side == TN_KEYS ? "keys" : "queries");
    tn_tensor *sums[2];
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(w->tn->multiply(&sums[i], w->scope, made(w, rows, OUTER, 11), 1, &w->error),
                     ERR_OK);
        beyond(w, side, i == 0, transposed, sums[i]);
    }
    expect_same(w, sums[0], sums[1], rows * OUTER, "added");
}

static void compare_all(struct world *w) {
    for (int i = 0; i < 8; i++) {
        w->tn->set_fused(i & 1);
        compare(w, i & 2 ? TN_KEYS : TN_QUERIES, i & 4);
    }
}

Test(slopes, through_a_map_are_the_gradient_through_it) {
    struct world w;
    world_open(&w);
    compare_all(&w);
    world_close(&w);
}

Test(slopes, of_one_source_for_all) {
    struct world w;
    world_open(&w);
    w.attention.shared_keys = true;
    compare_all(&w);
    world_close(&w);
}

Test(slopes, of_what_sees_the_past_alone) {
    struct world w;
    world_open(&w);
    w.attention.causal = true;
    w.attention.window = 4;
    w.attention.n_key = QUERIES;
    w.n_key_rows = 0;
    for (int i = 0; i < TARGETS; i++) {
        w.segments[i].key = w.n_key_rows;
        w.segments[i].n_key = w.segments[i].first_query + w.segments[i].n_query;
        w.n_key_rows += w.segments[i].n_key - w.segments[i].first_key;
    }
    compare_all(&w);
    world_close(&w);
}

/* Of many short sequences, or many targets, not of long ones. */
Test(slopes, pay_where_rows_are_few) {
    struct world w;
    world_open(&w);
    tn_tensor *other = made(&w, ENTRIES * CAPACITY, INNER, 100), *map = made(&w, INNER, OUTER, 7);
    struct tn_attention a = w.attention;
    cr_expect_not(w.tn->slopes_pay(&a, w.segments, TARGETS, TN_QUERIES, other, map, false),
                  "eleven keys of three heads are more than 24 numbers");
    a.n_key = 1;
    w.tn->set_fused(false);
    cr_expect_not(w.tn->slopes_pay(&a, w.segments, TARGETS, TN_QUERIES, other, map, false));
    world_close(&w);
}
