/*
 * DeepLIFT's rescale rule is complete (Shrikumar et al. 2017, "summation to delta") where a network
 * is made of linear maps and element-wise non-linearities: the input's differences from the
 * reference, times the multipliers that the walk backwards gives, sum to what the output changes
 * by.
 */
#include "backend/tape/tape.h"

#include <criterion/criterion.h>
#include <math.h>

enum { LENGTH = 3, WIDTH = 8 };

static double next_random(void) {
    static uint64_t state = 5;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / (double)(1ull << 53) * 2 - 1;
}

struct network {
    const struct tn_api *tn;
    tn_scope *scope;
    struct weight layers[3];
    double numbers[3 * (WIDTH + 1) * WIDTH];
};

static void network_open(struct network *w) {
    struct err e;
    double *next = w->numbers;
    w->tn = tn_load(&e);
    cr_assert_not_null(w->tn, "%s", e.message);
    w->tn->set_threads(2, false);
    w->scope = w->tn->scope_open();
    for (size_t i = 0; i < sizeof w->numbers / sizeof *w->numbers; i++)
        w->numbers[i] = 1.5 * next_random();
    for (int i = 0; i < 3; i++) {
        w->layers[i] = (struct weight){0};
        cr_assert_eq(w->tn->wrap(&w->layers[i].matrix, w->scope, next, TN_FLOAT64,
                                 (int64_t[]){WIDTH, WIDTH}, 2, &e),
                     ERR_OK, "%s", e.message);
        next += WIDTH * WIDTH;
        cr_assert_eq(
            w->tn->wrap(&w->layers[i].bias, w->scope, next, TN_FLOAT64, (int64_t[]){WIDTH}, 1, &e),
            ERR_OK, "%s", e.message);
        next += WIDTH;
    }
}

/* Two layers of non-linearities, with what passes them by. */
static struct value *deep(struct tape *t, const struct network *w, struct value *x,
                          enum activation kind) {
    struct value *y = tape_linear_add(t, tape_activation(t, tape_linear(t, x, &w->layers[0]), kind),
                                      &w->layers[1], x);
    return tape_linear(t, tape_activation(t, y, kind), &w->layers[2]);
}

/* How far Σ multiplier · (x − r) is from the change of one output of the last row, and that
 * change.
 */
static double gap(const struct network *w, enum activation kind, enum rescale rescale,
                  double *change) {
    double x[2 * LENGTH * WIDTH], y[2 * LENGTH * WIDTH], d[WIDTH] = {0, 0, 1}, sum = 0;
    float multipliers[LENGTH * WIDTH];
    const struct position at = {0, LENGTH - 1};
    struct tape t;
    struct err e;
    tn_tensor *tx, *td;
    for (int i = 0; i < 2 * LENGTH * WIDTH; i++)
        x[i] = 2 * next_random();
    tape_init(&t, w->tn, NULL);
    t.keep_gradient = true;
    t.rescale = rescale;
    t.spaces[STACK_DECODER] = (struct space){STACK_DECODER, 2, LENGTH, 0};
    cr_assert_eq(w->tn->wrap(&tx, t.keep, x, TN_FLOAT64, (int64_t[]){2 * LENGTH, WIDTH}, 2, &e),
                 ERR_OK, "%s", e.message);
    cr_assert_eq(w->tn->wrap(&td, t.keep, d, TN_FLOAT64, (int64_t[]){1, WIDTH}, 2, &e), ERR_OK,
                 "%s", e.message);
    struct value *in = tape_input(&t, STACK_DECODER, tx), *out = deep(&t, w, in, kind);
    cr_assert_eq(t.code, ERR_OK, "%s", t.error.message);
    cr_assert_eq(w->tn->read(out->tensor, y, TN_FLOAT64, &e), ERR_OK);
    cr_assert_eq(tape_backward(&t, &(struct push){out, td}, 1, &at, NULL, 1, NULL, in, NULL,
                               multipliers, NULL, &e),
                 ERR_OK, "%s", e.message);
    for (int i = 0; i < LENGTH * WIDTH; i++)
        sum += multipliers[i] * (x[i] - x[LENGTH * WIDTH + i]);
    tape_dispose(&t);
    const int last = (LENGTH - 1) * WIDTH + 2;
    *change = y[last] - y[LENGTH * WIDTH + last];
    return fabs(sum - *change);
}

Test(rescale, multipliers_sum_to_what_the_output_changes) {
    struct network w;
    network_open(&w);
    for (int fused = 0; fused < 2; fused++) {
        w.tn->set_fused(fused);
        for (int kind = 0; kind < N_ACTIVATIONS; kind++) {
            double plain = 0, largest = 0;
            for (int round = 0; round < 10; round++) {
                double change, left = gap(&w, (enum activation)kind, RESCALE_ALL, &change);
                cr_expect(left <= 1e-5 * (1 + fabs(change)), "activation %d: off by %g of %g", kind,
                          left, change);
                largest = fmax(largest, fabs(change));
                plain = fmax(plain, gap(&w, (enum activation)kind, RESCALE_NONE, &change));
            }
            cr_expect(plain > 0.05 * largest || kind == ACTIVATION_LINEAR,
                      "activation %d: the gradient itself is complete, which shows nothing", kind);
        }
    }
    w.tn->set_fused(true);
    w.tn->scope_close(w.scope);
    cr_expect_eq(w.tn->live_handles(), 0, "tensors were not freed");
}
