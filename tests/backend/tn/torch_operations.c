/*
 * Every operation of the tape against central differences in float64, both as fused loops and
 * composed of libtorch's operations. The loss of a target is a random linear function of one row of
 * the operation's result; inputs are [B·T, D] and, for cross-attention, [B·S, D] or [S, D].
 */
#include "backend/tape/tape.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { B = 2, T = 5, S = 4, D = 8, N = 5, PARAMETERS = 1024 };

struct world {
    const struct tn_api *tn;
    tn_scope *scope;
    double inputs[2][B * T * D]; /* by stack */
    double numbers[PARAMETERS];  /* where parameters come from */
    size_t n_numbers;
    struct weight square[3], narrow[2], transposed;
    struct norm norm, by_head, of_heads;
    tn_tensor *rotary, *positions, *biases;
    bool one_source; /* the source has one entry for the whole batch */
};

typedef struct value *operation(struct tape *t, const struct world *w, struct value *source,
                                struct value *target);

static double next_random(void) {
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / (double)(1ull << 53) * 2 - 1;
}

static tn_tensor *parameter(struct world *w, int64_t rows, int64_t columns) {
    struct err e;
    tn_tensor *t;
    double *data = w->numbers + w->n_numbers;
    w->n_numbers += (size_t)(rows * (columns ? columns : 1));
    cr_assert(w->n_numbers <= PARAMETERS);
    for (double *p = data; p < w->numbers + w->n_numbers; p++)
        *p = next_random();
    cr_assert_eq(w->tn->wrap(&t, w->scope, data, TN_FLOAT64, (int64_t[]){rows, columns},
                             columns ? 2 : 1, &e),
                 ERR_OK, "%s", e.message);
    return t;
}

static void world_open(struct world *w, bool fused) {
    struct err e;
    *w = (struct world){.tn = tn_load(&e)};
    cr_assert_not_null(w->tn, "%s", e.message);
    w->tn->set_threads(2, false);
    w->tn->set_fused(fused);
    w->scope = w->tn->scope_open();
    for (int i = 0; i < 3; i++)
        w->square[i] = (struct weight){.matrix = parameter(w, D, D), .bias = parameter(w, D, 0)};
    for (int i = 0; i < 2; i++)
        w->narrow[i] = (struct weight){.matrix = parameter(w, D / 2, D)};
    w->transposed = (struct weight){.matrix = parameter(w, D, D), .transposed = true};
    w->norm = (struct norm){parameter(w, D, 0), parameter(w, D, 0), 0};
    w->by_head = (struct norm){parameter(w, D / 4, 0), parameter(w, D / 4, 0), D / 4};
    w->of_heads = (struct norm){parameter(w, D, 0), NULL, D / 2};
    w->rotary = parameter(w, T, D / 2);
    w->positions = parameter(w, T, D);
    w->biases = parameter(w, 4, 4);
    for (int stack = 0; stack < 2; stack++)
        for (int i = 0; i < B * T * D; i++)
            w->inputs[stack][i] = next_random();
}

static void world_close(struct world *w) {
    w->tn->set_fused(true);
    w->tn->scope_close(w->scope);
    cr_expect_eq(w->tn->live_handles(), 0);
}

static tn_tensor *input_tensor(struct world *w, struct tape *t, enum model_stack stack) {
    const struct space *space = &t->spaces[stack];
    tn_tensor *x;
    t->code = w->tn->wrap(&x, t->keep, w->inputs[stack], TN_FLOAT64,
                          (int64_t[]){space->n_batch * space->length, D}, 2, &t->error);
    cr_assert_eq(t->code, ERR_OK);
    return x;
}

static struct value *run(struct world *w, struct tape *t, operation *f, struct value *inputs[2],
                         bool keep) {
    tape_init(t, w->tn, NULL);
    t->keep_gradient = keep;
    t->spaces[STACK_ENCODER] = (struct space){STACK_ENCODER, w->one_source ? 1 : B, S, 0};
    t->spaces[STACK_DECODER] = (struct space){STACK_DECODER, B, T, 0};
    for (int stack = 0; stack < 2; stack++)
        inputs[stack] =
            tape_input(t, (enum model_stack)stack, input_tensor(w, t, (enum model_stack)stack));
    struct value *out = f(t, w, inputs[STACK_ENCODER], inputs[STACK_DECODER]);
    cr_assert_eq(t->code, ERR_OK, "%s", t->error.message);
    return out;
}

static void results(struct world *w, operation *f, double out[B * T * D]) {
    struct tape t;
    struct value *inputs[2];
    struct value *y = run(w, &t, f, inputs, false);
    struct err e;
    cr_assert_eq(w->tn->read(y->tensor, out, TN_FLOAT64, &e), ERR_OK);
    tape_dispose(&t);
}

static const struct position targets[N] = {{0, 0}, {1, 4}, {0, 3}, {1, 1}, {0, 4}};

/* Where input number i of a stack belongs: entries that target n depends on are those of its batch
 * entry. */
static float *gradient_at(float *gradient, const struct world *w, int stack, int n, int i) {
    const int length = stack == STACK_ENCODER ? S : T, batch = i / (length * D);
    if (batch != (stack == STACK_ENCODER && w->one_source ? 0 : targets[n].batch))
        return NULL;
    return gradient + (n * length * D + i % (length * D));
}

static void compare(struct world *w, operation *f, const double *d_out, float *gradients[2],
                    const char *name) {
    static double up[B * T * D], down[B * T * D];
    const double h = 1e-5;
    const int n_source = (w->one_source ? 1 : B) * S * D;
    for (int stack = 0; stack < 2; stack++)
        for (int i = 0; i < (stack == STACK_ENCODER ? n_source : B * T * D); i++) {
            double *x = &w->inputs[stack][i], before = *x;
            *x = before + h;
            results(w, f, up);
            *x = before - h;
            results(w, f, down);
            *x = before;
            for (int n = 0; n < N; n++) {
                double numeric = 0;
                for (int c = 0; c < D; c++) {
                    const int64_t at = (targets[n].batch * T + targets[n].row) * D + c;
                    numeric += d_out[n * D + c] * (up[at] - down[at]) / (2 * h);
                }
                const float *exact = gradient_at(gradients[stack], w, stack, n, i);
                const double difference = fabs(numeric - (exact ? *exact : 0));
                cr_expect(difference <= 2e-6,
                          "%s, stack %d, target %d, input %d: %g, by differences %g", name, stack,
                          n, i, exact ? *exact : 0, numeric);
            }
        }
}

static void check(operation *f, const char *name, bool one_source) {
    for (int fused = 0; fused < 2; fused++) {
        struct world w;
        struct tape t;
        struct err e;
        struct value *inputs[2];
        double d_out[N * D];
        tn_tensor *d;
        float *gradients[2] = {calloc(N * S * D, sizeof(float)), calloc(N * T * D, sizeof(float))};
        world_open(&w, fused);
        w.one_source = one_source;
        for (int i = 0; i < N * D; i++)
            d_out[i] = next_random();
        struct value *y = run(&w, &t, f, inputs, true);
        cr_assert_eq(w.tn->wrap(&d, t.keep, d_out, TN_FLOAT64, (int64_t[]){N, D}, 2, &e), ERR_OK);
        double copy[N * D]; /* a gradient may be added to in place */
        memcpy(copy, d_out, sizeof copy);
        cr_assert_eq(tape_backward(&t, &(struct push){y, d}, 1, targets, NULL, N, inputs[0],
                                   inputs[1], gradients[0], gradients[1], NULL, &e),
                     ERR_OK, "%s", e.message);
        tape_dispose(&t);
        compare(&w, f, copy, gradients, name);
        free(gradients[0]);
        free(gradients[1]);
        world_close(&w);
    }
}

/* --- the operations ---------------------------------------------------------------------- */

#define OPERATION(name, expression)                                                                \
    static struct value *name(struct tape *t, const struct world *w, struct value *source,         \
                              struct value *x) {                                                   \
        (void)w, (void)source, (void)x;                                                            \
        return expression;                                                                         \
    }

#define HEADS(heads, kv_heads, of_width)                                                           \
    .n_heads = (heads), .n_kv_heads = (kv_heads), .width = (of_width)
static const struct heads grouped = {HEADS(4, 2, 2)}, alone = {HEADS(2, 2, 4)},
                          wide = {HEADS(2, 1, 4)}, sliding = {HEADS(4, 2, 2), .window = 2},
                          capped = {HEADS(4, 2, 2), .window = 3, .scale = 3, .cap = 0.7},
                          capped_alone = {HEADS(2, 2, 4), .scale = 2, .cap = 0.5};

static const struct norm plain = {0};

OPERATION(linear, tape_linear(t, x, &w->square[0]))
OPERATION(transposed, tape_linear(t, x, &w->transposed))
OPERATION(residual, tape_linear_add(t, tape_linear(t, x, &w->square[0]), &w->transposed, x))
OPERATION(sum, tape_add(t, tape_linear(t, x, &w->square[0]), tape_add(t, x, x)))
OPERATION(clamped, tape_clamp(t, tape_linear(t, x, &w->square[0]), 0.4))
OPERATION(multiple, tape_add(t, tape_multiply(t, tape_linear(t, x, &w->square[0]), -0.3), x))
OPERATION(positions, tape_add_positions(t, x, w->positions))
OPERATION(rms_norm, tape_rms_norm(t, x, &w->norm, 1e-5))
OPERATION(layer_norm, tape_layer_norm(t, x, &w->norm, 1e-5))
OPERATION(rms_norm_by_head, tape_rms_norm(t, x, &w->by_head, 1e-5))
OPERATION(layer_norm_by_head, tape_layer_norm(t, x, &w->by_head, 1e-5))
OPERATION(rms_norm_of_heads, tape_rms_norm(t, x, &w->of_heads, 1e-5))
OPERATION(layer_norm_of_heads, tape_layer_norm(t, x, &w->of_heads, 1e-5))
OPERATION(plain_norm, tape_layer_norm(t, x, &plain, 1e-5))
OPERATION(normed_attention,
          tape_attention(t, ATTENTION_DECODER_SELF, 0, &grouped,
                         tape_rms_norm(t, tape_linear(t, x, &w->square[0]), &w->by_head, 1e-5),
                         tape_rms_norm(t, tape_linear(t, x, &w->narrow[0]), &w->by_head, 1e-5),
                         tape_linear(t, x, &w->narrow[1])))
OPERATION(norm_of_sum,
          tape_layer_norm(t, tape_add(t, x, tape_rms_norm(t, x, &w->norm, 1e-5)), &w->norm, 1e-5))
static enum activation activation_now;
OPERATION(activation, tape_activation(t, x, activation_now))
OPERATION(gated, tape_gated(t, tape_linear(t, x, &w->square[0]), tape_linear(t, x, &w->square[1]),
                            ACTIVATION_SILU))
OPERATION(rope, tape_rope(t, x, w->rotary, 4))
OPERATION(partial_rope, tape_rope(t, x, w->rotary, D))
OPERATION(recurrence,
          tape_recurrence(t, tape_linear(t, x, &w->square[0]), tape_linear(t, x, &w->square[1]), 0))
OPERATION(attention,
          tape_attention(t, ATTENTION_DECODER_SELF, 0, &alone, tape_linear(t, x, &w->square[0]),
                         tape_linear(t, x, &w->square[1]), tape_linear(t, x, &w->square[2])))
OPERATION(grouped_attention,
          tape_attention(t, ATTENTION_DECODER_SELF, 0, &grouped, tape_linear(t, x, &w->square[0]),
                         tape_linear(t, x, &w->narrow[0]), tape_linear(t, x, &w->narrow[1])))
/* Two layers: the first one's gradient has all rows. */
OPERATION(deep_attention,
          grouped_attention(t, w, source, tape_add(t, x, grouped_attention(t, w, source, x))))
OPERATION(sliding_attention,
          tape_attention(t, ATTENTION_DECODER_SELF, 0, &sliding, tape_linear(t, x, &w->square[0]),
                         tape_linear(t, x, &w->narrow[0]), tape_linear(t, x, &w->narrow[1])))
OPERATION(capped_attention,
          tape_attention(t, ATTENTION_DECODER_SELF, 0, &capped, tape_linear(t, x, &w->square[0]),
                         tape_linear(t, x, &w->narrow[0]), tape_linear(t, x, &w->narrow[1])))
OPERATION(deep_sliding_attention,
          capped_attention(t, w, source, tape_add(t, x, sliding_attention(t, w, source, x))))
OPERATION(capped_cross_attention,
          tape_cross_attention(t, 0, &capped_alone, tape_linear(t, x, &w->square[0]), source,
                               &w->square[1], &w->square[2]))
OPERATION(deep_recurrence, recurrence(t, w, source, tape_add(t, x, recurrence(t, w, source, x))))
/* Two keys before a query and one after it have numbers of their own. */
static struct heads biased(const struct world *w) {
    return (struct heads){HEADS(4, 2, 2), .scale = 1, .bias = w->biases, .bias_zero = 2};
}
OPERATION(biased_attention,
          tape_attention(t, ATTENTION_DECODER_SELF, 0, &(struct heads[]){biased(w)}[0],
                         tape_linear(t, x, &w->square[0]), tape_linear(t, x, &w->narrow[0]),
                         tape_linear(t, x, &w->narrow[1])))
static struct heads keyed(const struct world *w) {
    return (struct heads){HEADS(4, 2, 2), .scale = 1, .bias = w->biases, .bias_by_key = true};
}
OPERATION(keyed_attention,
          tape_attention(t, ATTENTION_DECODER_SELF, 0, &(struct heads[]){keyed(w)}[0],
                         tape_linear(t, x, &w->square[0]), tape_linear(t, x, &w->narrow[0]),
                         tape_linear(t, x, &w->narrow[1])))
OPERATION(biased_encoder,
          tape_attention(t, ATTENTION_ENCODER_SELF, 0, &(struct heads[]){biased(w)}[0],
                         tape_linear(t, source, &w->square[0]),
                         tape_linear(t, source, &w->narrow[0]),
                         tape_linear(t, source, &w->narrow[1])))
OPERATION(deep_biased_attention,
          tape_cross_attention(t, 0, &alone,
                               biased_attention(t, w, source, biased_attention(t, w, source, x)),
                               biased_encoder(t, w, source, x), &w->square[1], &w->square[2]))
OPERATION(rotated_attention,
          tape_attention(t, ATTENTION_DECODER_SELF, 0, &wide,
                         tape_rope(t, tape_linear(t, x, &w->square[0]), w->rotary, 4),
                         tape_rope(t, tape_linear(t, x, &w->narrow[0]), w->rotary, 4),
                         tape_linear(t, x, &w->narrow[1])))
OPERATION(encoder, tape_attention(t, ATTENTION_ENCODER_SELF, 0, &grouped,
                                  tape_linear(t, source, &w->square[1]),
                                  tape_linear(t, source, &w->narrow[0]),
                                  tape_linear(t, source, &w->narrow[1])))
OPERATION(cross_attention, tape_cross_attention(t, 0, &alone, tape_linear(t, x, &w->square[0]),
                                                source, &w->square[1], &w->square[2]))
OPERATION(encoder_decoder, tape_linear_add(t,
                                           cross_attention(t, w, encoder(t, w, source, x),
                                                           deep_attention(t, w, source, x)),
                                           &w->square[2], x))

/* A Criterion test is a process, which loads libtorch: hence a test for each family. */
#define CHECK(name) check(name, #name, false)

Test(operations, products_and_sums_have_the_derivatives_of_differences) {
    CHECK(linear);
    CHECK(transposed);
    CHECK(residual);
    CHECK(sum);
    CHECK(multiple);
    CHECK(clamped);
    CHECK(positions);
}

Test(operations, norms_have_the_derivatives_of_differences) {
    CHECK(rms_norm);
    CHECK(layer_norm);
    CHECK(norm_of_sum);
    CHECK(plain_norm);
}

Test(operations, norms_by_heads_have_the_derivatives_of_differences) {
    CHECK(rms_norm_by_head);
    CHECK(layer_norm_by_head);
    CHECK(rms_norm_of_heads);
    CHECK(layer_norm_of_heads);
    CHECK(normed_attention);
}

Test(operations, element_wise_ones_have_the_derivatives_of_differences) {
    for (int kind = 0; kind < N_ACTIVATIONS; kind++) {
        activation_now = (enum activation)kind;
        CHECK(activation);
    }
    CHECK(gated);
    CHECK(rope);
    CHECK(partial_rope);
}

Test(operations, recurrences_have_the_derivatives_of_differences) {
    CHECK(recurrence);
    CHECK(deep_recurrence);
}

Test(operations, attentions_have_the_derivatives_of_differences) {
    CHECK(attention);
    CHECK(grouped_attention);
    CHECK(deep_attention);
    CHECK(rotated_attention);
    CHECK(cross_attention);
    CHECK(encoder_decoder);
}

Test(operations, sliding_and_capped_attentions_have_the_derivatives_of_differences) {
    CHECK(sliding_attention);
    CHECK(capped_attention);
    CHECK(deep_sliding_attention);
    CHECK(capped_cross_attention);
}

Test(operations, attentions_that_know_how_far_keys_are_have_the_derivatives_of_differences) {
    CHECK(biased_attention);
    CHECK(keyed_attention);
    CHECK(deep_biased_attention);
}

Test(operations, encoder_that_serves_a_whole_batch_has_the_derivative_of_differences) {
    check(encoder_decoder, "one source", true);
}

/* --- products by other ways -------------------------------------------------------------- */

static float *random_numbers(int64_t n) {
    float *x = malloc((size_t)n * sizeof *x);
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)next_random();
    return x;
}

static tn_tensor *wrapped(const struct world *w, float *data, int64_t rows, int64_t columns) {
    tn_tensor *t;
    struct err e;
    cr_assert_eq(w->tn->wrap(&t, w->scope, data, TN_FLOAT32, (int64_t[]){rows, columns},
                             columns ? 2 : 1, &e),
                 ERR_OK);
    return t;
}

/* x · w + bias + residual, by loops or threads, against sums in double. */
static void check_product(struct world *w, int64_t rows, int64_t n_in, int64_t n_out,
                          bool transposed, bool extras) {
    float *x = random_numbers(rows * n_in), *m = random_numbers(n_in * n_out),
          *bias = random_numbers(n_out), *residual = random_numbers(rows * n_out);
    float *out = random_numbers(rows * n_out);
    struct err e;
    tn_tensor *y, *matrix = transposed ? wrapped(w, m, n_in, n_out) : wrapped(w, m, n_out, n_in);
    cr_assert_eq(w->tn->linear(&y, w->scope, wrapped(w, x, rows, n_in), matrix,
                               extras ? wrapped(w, bias, n_out, 0) : NULL,
                               extras ? wrapped(w, residual, rows, n_out) : NULL, transposed, &e),
                 ERR_OK, "%s", e.message);
    cr_assert_eq(w->tn->read(y, out, TN_FLOAT32, &e), ERR_OK);
    double worst = 0;
    for (int64_t r = 0; r < rows; r++)
        for (int64_t o = 0; o < n_out; o++) {
            double sum = extras ? (double)bias[o] + residual[r * n_out + o] : 0;
            for (int64_t i = 0; i < n_in; i++)
                sum += (double)x[r * n_in + i] * (transposed ? m[i * n_out + o] : m[o * n_in + i]);
            const double difference = fabs(sum - out[r * n_out + o]);
            if (!(difference <= worst))
                worst = difference;
        }
    cr_expect(worst <= 1e-4, "%d rows, %d to %d: differs by %g", (int)rows, (int)n_in, (int)n_out,
              worst);
    float *blocks[] = {x, m, bias, residual, out};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        free(blocks[i]);
}

Test(operations, products_are_the_same_however_rows_are_shared) {
    static const int64_t rows[] = {1, 3, 8, 9, 31, 40, 201};
    struct world w;
    world_open(&w, true);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int way = 0; way < 4; way++) {
            check_product(&w, rows[i], 203, 301, way & 1, way & 2);
            check_product(&w, rows[i], 5, 3, way & 1, way & 2);
        }
    world_close(&w);
}
