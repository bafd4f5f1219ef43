/* The arithmetic on an attention whose branch passes a norm, against sums written out. */
#include "methods/engine/parts.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#define HEADS 2
#define KEYS 3
#define WIDTH 4

static float weights[HEADS * KEYS * KEYS] = {1, 0, 0, .3f, .7f, 0, .2f, .5f, .3f,
                                             1, 0, 0, .6f, .4f, 0, .1f, .1f, .8f},
                                    moved[HEADS * KEYS * WIDTH], residual[KEYS * WIDTH],
                                    bias[WIDTH] = {.1f, -.2f, .3f, 0},
                                    scale[WIDTH] = {1, 2, -1, .5f},
                                    shift[WIDTH] = {.5f, 0, -.5f, 1};

static struct attention_parts parts(bool centred) {
    for (int i = 0; i < HEADS * KEYS * WIDTH; i++)
        moved[i] = sinf((float)(3 * i + 1));
    for (int i = 0; i < KEYS * WIDTH; i++)
        residual[i] = cosf((float)(5 * i + 2));
    return (struct attention_parts){.n_heads = HEADS,
                                    .n_query = KEYS,
                                    .n_key = KEYS,
                                    .width = WIDTH,
                                    .causal = true,
                                    .weights = weights,
                                    .moved = moved,
                                    .residual = residual,
                                    .bias = bias,
                                    .branch = {scale, shift, centred, 1e-5}};
}

/* Row i's sum without the value of key `without` in the heads that are zeroed; −1: with all. */
static void expected_sum(double *out, int i, int without, const bool *zeroed, bool centred) {
    double made[WIDTH], mean = 0, square = 0;
    for (int k = 0; k < WIDTH; k++) {
        made[k] = bias[k];
        for (int h = 0; h < HEADS; h++)
            for (int j = 0; j <= i; j++)
                if (j != without || !zeroed[h])
                    made[k] += (double)weights[(h * KEYS + i) * KEYS + j] *
                               moved[(h * KEYS + j) * WIDTH + k];
        mean += centred ? made[k] / WIDTH : 0;
    }
    for (int k = 0; k < WIDTH; k++)
        square += (made[k] - mean) * (made[k] - mean) / WIDTH;
    for (int k = 0; k < WIDTH; k++)
        out[k] =
            residual[i * WIDTH + k] + shift[k] + (made[k] - mean) / sqrt(square + 1e-5) * scale[k];
}

static void expect_row(const float *got, const double *want, const char *what, int i) {
    for (int k = 0; k < WIDTH; k++)
        cr_expect_float_eq(got[k], want[k], 1e-5, "%s, row %d: %g for %g", what, i, got[k],
                           want[k]);
}

Test(parts, sums_pass_the_norm_on_their_branch) {
    for (int centred = 0; centred < 2; centred++)
        for (int i = 0; i < KEYS; i++) {
            const struct attention_parts p = parts(centred);
            float got[WIDTH];
            double want[WIDTH];
            parts_sum(&p, i, got);
            expected_sum(want, i, -1, NULL, centred);
            expect_row(got, want, "sum", i);
        }
}

/* Zeroing a value changes the norm's statistics, as it would in the model. */
Test(parts, a_zeroed_value_changes_the_statistics_of_its_row) {
    static const bool zeroed[HEADS] = {true, false};
    for (int centred = 0; centred < 2; centred++)
        for (int i = 0; i < KEYS; i++) {
            const struct attention_parts p = parts(centred);
            float got[KEYS * WIDTH];
            double want[WIDTH];
            parts_zeroed(&p, i, zeroed, got);
            for (int j = 0; j <= i; j++) {
                expected_sum(want, i, j, zeroed, centred);
                expect_row(got + j * WIDTH, want, "without a key", i);
            }
        }
}

/* Without a bias, what is moved, the residual and the norm's shift are all there is. */
Test(parts, what_is_moved_adds_up_behind_the_norm) {
    static float none[WIDTH];
    for (int centred = 0; centred < 2; centred++)
        for (int i = 0; i < KEYS; i++) {
            struct attention_parts p = parts(centred);
            p.bias = none;
            float sum[WIDTH], all[KEYS * WIDTH], head[KEYS * WIDTH];
            double added[WIDTH];
            parts_sum(&p, i, sum);
            parts_moved(&p, i, -1, all);
            for (int k = 0; k < WIDTH; k++) {
                added[k] = residual[i * WIDTH + k] + shift[k];
                for (int j = 0; j <= i; j++)
                    added[k] += all[j * WIDTH + k];
            }
            expect_row(sum, added, "all heads", i);
            for (int h = 0; h < HEADS; h++) {
                parts_moved(&p, i, h, head);
                for (int k = 0; k < (i + 1) * WIDTH; k++)
                    all[k] -= head[k];
            }
            for (int k = 0; k < (i + 1) * WIDTH; k++)
                cr_expect_float_eq(all[k], 0, 1e-6);
        }
}
