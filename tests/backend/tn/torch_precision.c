/* Sums over a vocabulary whose terms nearly cancel. */
#include "backend/tn.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

enum { N_VOCAB = 49152, WIDTH = 64 };

static double next_random(void) {
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / (double)(1ull << 53) * 2 - 1;
}

/* The rows of a table of embeddings have much in common, which a softmax's derivative, e_y − p,
 * takes away: what is left must be right. The worst error, as a part of the terms' sum without
 * signs. */
static double worst_error(int64_t n_rows) {
    struct err e;
    const struct tn_api *tn = tn_load(&e);
    cr_assert_not_null(tn, "%s", e.message);
    tn->set_threads(2, false);
    tn_scope *s = tn->scope_open();
    float *w = malloc((size_t)N_VOCAB * WIDTH * sizeof *w),
          *d = calloc((size_t)(n_rows * N_VOCAB), sizeof *d);
    float *got = malloc((size_t)(n_rows * WIDTH) * sizeof *got);
    double want[WIDTH] = {0}, sum = 0, worst = 0;
    for (int64_t i = 0; i < (int64_t)N_VOCAB * WIDTH; i++)
        w[i] = (float)(1 + 0.1 * next_random());
    for (int64_t v = 1; v < N_VOCAB; v++) {
        d[v] = (float)(-0.2 / N_VOCAB * (1 + next_random()));
        sum += d[v];
    }
    d[0] = (float)-sum;
    for (int64_t r = 1; r < n_rows; r++)
        for (int64_t v = 0; v < N_VOCAB; v++)
            d[r * N_VOCAB + v] = d[v];
    for (int64_t v = 0; v < N_VOCAB; v++)
        for (int k = 0; k < WIDTH; k++)
            want[k] += (double)d[v] * w[v * WIDTH + k];
    tn_tensor *x, *matrix, *out;
    const int64_t dims[2] = {n_rows, N_VOCAB}, shape[2] = {N_VOCAB, WIDTH};
    cr_assert_eq(tn->wrap(&x, s, d, TN_FLOAT32, dims, 2, &e), ERR_OK);
    cr_assert_eq(tn->wrap(&matrix, s, w, TN_FLOAT32, shape, 2, &e), ERR_OK);
    cr_assert_eq(tn->linear_vjp(&out, s, x, matrix, false, NULL, &e), ERR_OK, "%s", e.message);
    cr_assert_eq(tn->read(out, got, TN_FLOAT32, &e), ERR_OK);
    for (int64_t i = 0; i < n_rows * WIDTH; i++)
        worst = fmax(worst, fabs(got[i] - want[i % WIDTH]));
    tn->scope_close(s);
    free(w);
    free(d);
    free(got);
    return worst / (2 * -sum);
}

Test(precision, of_one_row_of_a_vocabulary_is_that_of_several) {
    const double one = worst_error(1), several = worst_error(6);
    cr_expect(one < 1.2e-6, "one row: %g", one);
    cr_expect(several < 1.2e-6, "several rows: %g", several);
}
