/* A block's forward in every order of parts and norms that a plan can state, against the formulas
 * of plan.h. */
#include "backend/architectures/block.h"
#include "backend/architectures/parameters.h"
#include "backend/tn.h"

#include <criterion/criterion.h>
#include <math.h>

#define WIDTH 3
#define WIDE 4
#define ROWS 2
#define EPSILON 1e-5

/* Parts are feed-forward layers of WIDE. */
static const struct model_config config = {
    .n_width = WIDTH, .n_ffn = WIDE, .norm_epsilon = EPSILON, .activation = ACTIVATION_RELU};

struct numbers {
    double up[2][WIDE * WIDTH], down[2][WIDTH * WIDE], norm[2][2][WIDTH], x[ROWS * WIDTH];
};

static void fill(double *out, size_t n, int seed) {
    for (size_t i = 0; i < n; i++)
        out[i] = sin((double)(i + 1) * 1.7 + seed);
}

static struct numbers make_numbers(void) {
    struct numbers n;
    for (int p = 0; p < 2; p++) {
        fill(n.up[p], WIDE * WIDTH, p);
        fill(n.down[p], WIDTH * WIDE, 3 + p);
        fill(n.norm[p][0], WIDTH, 5 + p);
        fill(n.norm[p][1], WIDTH, 7 + p);
    }
    fill(n.x, ROWS * WIDTH, 11);
    return n;
}

/* --- the formulas, for one row --- */

static void plus(double *to, const double *x) {
    for (int k = 0; k < WIDTH; k++)
        to[k] += x[k];
}

/* out may be x. */
static void norm(double *out, const double *x, const double *scale, enum norm_kind kind) {
    double mean = 0, square = 0;
    for (int k = 0; k < WIDTH && norm_centres(kind); k++)
        mean += x[k] / WIDTH;
    for (int k = 0; k < WIDTH; k++)
        square += (x[k] - mean) * (x[k] - mean) / WIDTH;
    for (int k = 0; k < WIDTH; k++)
        out[k] = (x[k] - mean) / sqrt(square + EPSILON) * scale[k];
}

static void feed_forward(double *out, const double *x, const struct numbers *n, int p) {
    double wide[WIDE] = {0};
    for (int i = 0; i < WIDE; i++) {
        for (int k = 0; k < WIDTH; k++)
            wide[i] += n->up[p][i * WIDTH + k] * x[k];
        wide[i] = fmax(wide[i], 0);
    }
    for (int k = 0; k < WIDTH; k++) {
        out[k] = 0;
        for (int i = 0; i < WIDE; i++)
            out[k] += n->down[p][k * WIDE + i] * wide[i];
    }
}

static void expected_row(double *out, const double *input, const struct numbers *n,
                         const struct stack_plan *plan) {
    double state[WIDTH], read[WIDTH], made[WIDTH];
    for (int k = 0; k < WIDTH; k++)
        state[k] = input[k];
    for (int p = 0; p < 2; p++) {
        const enum norm_place place = plan->norm_place;
        for (int k = 0; k < WIDTH; k++)
            read[k] = plan->join == JOIN_SIDE_BY_SIDE ? input[k] : state[k];
        if (place == NORM_BEFORE || place == NORM_AROUND_BRANCH || place == NORM_BEFORE_BOTH)
            norm(read, read, n->norm[plan->shared_norm ? 0 : p][0], plan->norm);
        for (int k = 0; k < WIDTH && place == NORM_BEFORE_BOTH; k++)
            state[k] = read[k];
        feed_forward(made, read, n, p);
        if (place == NORM_AFTER_BRANCH || place == NORM_AROUND_BRANCH)
            norm(made, made, n->norm[p][place == NORM_AROUND_BRANCH], plan->norm);
        plus(state, made);
        if (place == NORM_AFTER_SUM)
            norm(state, state, n->norm[p][0], plan->norm);
    }
    for (int k = 0; k < WIDTH; k++)
        out[k] = state[k];
}

/* --- the same by block.c --- */

static tn_tensor *tensor(struct tape *t, double *x, int64_t rows, int64_t columns) {
    const int64_t dims[] = {rows, columns};
    tn_tensor *out = NULL;
    struct err e;
    cr_assert_eq(
        t->tn->wrap(&out, t->keep, x, TN_FLOAT64, rows ? dims : dims + 1, rows ? 2 : 1, &e), ERR_OK,
        "%s", e.message);
    return out;
}

static void run(double *out, struct numbers *n, const struct stack_plan *plan) {
    double zeros[WIDTH] = {0};
    struct err e;
    struct tape t;
    const struct tn_api *tn = tn_load(&e);
    cr_assert(tn, "%s", e.message);
    tape_init(&t, tn, NULL);
    t.spaces[STACK_DECODER] = (struct space){STACK_DECODER, 1, ROWS, 0};
    struct block_weights block = {0};
    for (int p = 0; p < 2; p++) {
        tn_tensor *shift = plan->norm == NORM_LAYER ? tensor(&t, zeros, 0, WIDTH) : NULL;
        block.parts[p] =
            (struct part_weights){.norm = {tensor(&t, n->norm[p][0], 0, WIDTH), shift},
                                  .after = {tensor(&t, n->norm[p][1], 0, WIDTH), shift},
                                  .up = {.matrix = tensor(&t, n->up[p], WIDE, WIDTH)},
                                  .down = {.matrix = tensor(&t, n->down[p], WIDTH, WIDE)}};
    }
    const struct stack s = {STACK_DECODER,         plan,          &config,
                            &config.decoder_sizes, .n_layers = 1, .blocks = &block};
    struct value *x = tape_input(&t, STACK_DECODER, tensor(&t, n->x, ROWS, WIDTH));
    const struct value *y = block_run(&s, &t, 0, x, NULL);
    cr_assert_eq(t.code, ERR_OK, "%s", t.error.message);
    cr_assert_eq(tn->read(y->tensor, out, TN_FLOAT64, &e), ERR_OK, "%s", e.message);
    tape_dispose(&t);
}

static void check(const struct stack_plan *plan) {
    struct numbers n = make_numbers();
    double got[ROWS * WIDTH], wanted[WIDTH];
    run(got, &n, plan);
    for (int r = 0; r < ROWS; r++) {
        expected_row(wanted, n.x + (size_t)r * WIDTH, &n, plan);
        for (int k = 0; k < WIDTH; k++)
            cr_expect(fabs(got[r * WIDTH + k] - wanted[k]) < 1e-12,
                      "norm %d, place %d, join %d: %g for %g", plan->norm, plan->norm_place,
                      plan->join, got[r * WIDTH + k], wanted[k]);
    }
}

Test(block, norms_stand_where_the_plan_says) {
    for (enum norm_kind kind = NORM_LAYER; kind <= NORM_RMS; kind++)
        for (enum norm_place place = NORM_BEFORE; place <= NORM_BEFORE_BOTH; place++)
            check(&(struct stack_plan){.parts = {PART_FEED_FORWARD, PART_FEED_FORWARD},
                                       .norm = kind,
                                       .norm_place = place});
}

Test(block, parts_side_by_side_read_the_blocks_input) {
    for (enum norm_place place = NORM_BEFORE; place <= NORM_AROUND_BRANCH; place++)
        check(&(struct stack_plan){.parts = {PART_FEED_FORWARD, PART_FEED_FORWARD},
                                   .norm = NORM_RMS,
                                   .norm_place = place,
                                   .join = JOIN_SIDE_BY_SIDE});
}

Test(block, parts_side_by_side_may_read_one_norm) {
    check(&(struct stack_plan){.parts = {PART_FEED_FORWARD, PART_FEED_FORWARD},
                               .norm = NORM_LAYER,
                               .join = JOIN_SIDE_BY_SIDE,
                               .shared_norm = true});
}
