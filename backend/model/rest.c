/* The last part of a block: how shares of the sum before it pass, and its terms. Kobayashi et al.
 * 2021 and 2023 (norms held at the whole row's statistics). */
#include "backend/insides.h"

#include "backend/architectures/block.h"
#include "backend/architectures/norm.h"
#include "backend/architectures/parts.h"
#include "backend/base/mem.h"
#include "backend/model/insides_internal.h"

#include <stdlib.h>
#include <string.h>

/* A block's feed-forward layer, and the norms about it; those that the plan has not are none. */
struct last_part {
    const struct stack *stack;
    const struct part_weights *weights;
    const struct norm *read;
    int index;
    double factor;           /* of what it makes, where no norm has it */
    struct row_norm between; /* of the sum that it follows */
    struct row_norm before;  /* of what it reads */
    struct row_norm branch;  /* of what it makes */
    struct row_norm after;   /* of the sum with it */
};

static enum err_code open_last(struct last_part *out, struct tape *t, const struct forward *f,
                               enum model_stack stack, int64_t layer, int64_t n, struct err *e) {
    const struct stack *s = stack_of(f, stack);
    const int i = plan_index(s->plan, PART_FEED_FORWARD);
    *out = (struct last_part){.stack = s, .index = i};
    if (i < 1)
        return err_set(e, ERR_UNSUPPORTED, "this model's blocks have no feed-forward layer");
    out->weights = &s->blocks[layer].parts[i];
    out->read = block_read_norm(s, layer, i);
    open_rows(t, f, stack, n, NULL);
    out->between = read_norm(t, s, block_state_norm(s, layer, i));
    out->before = read_norm(t, s, out->read);
    out->branch = read_branch_norm(t, s, out->weights);
    out->factor = out->branch.scale || s->config->branch_scale == 0 ? 1 : s->config->branch_scale;
    out->after = read_norm(t, s, block_state_norm(s, layer, i + 1));
    return ERR_OK;
}

static enum err_code close_last(struct last_part *l, struct tape *t, struct err *e) {
    row_norm_dispose(&l->between);
    row_norm_dispose(&l->before);
    row_norm_dispose(&l->branch);
    row_norm_dispose(&l->after);
    return close_rows(t, e);
}

static void add_rows(float *to, const float *rows, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        to[i] += rows[i];
}

/* What the layer makes of n rows that it reads, before a norm on its branch. */
static float *make(struct tape *t, const struct forward *f, const struct last_part *l,
                   const float *read, int64_t n) {
    struct value *y = wrap_rows(t, f, l->stack->which, read, n);
    if (l->read)
        y = norm_apply(l->stack, t, l->read, y);
    if (l->weights->experts.n)
        y = part_experts(t, l->weights, y);
    else
        y = tape_linear(t, part_feed_forward(l->stack, t, l->weights, y), &l->weights->down);
    const int64_t size = n * l->stack->config->n_width;
    float *made = read_new(t, t->code ? NULL : y->tensor, size);
    scale_numbers(made, size, l->factor);
    return made;
}

/* What the layer reads at rows [n] with states [n, D] before it, not yet normed. */
static float *read_by(struct tape *t, const struct forward *f, const struct last_part *l,
                      int64_t layer, const int64_t *rows, const float *states, int64_t n) {
    const int64_t size = n * l->stack->config->n_width;
    const struct value *input = input_rows(t, f, l->stack, layer, rows, n);
    return input ? read_new(t, input->tensor, size)
                 : mem_copy(states, (size_t)size * sizeof(float));
}

/* Adds to `out` what the layer makes of shares [n, D] of what it reads; `read` is the whole, `made`
 * what it makes of that. */
static void add_made(struct tape *t, const struct forward *f, const struct last_part *l,
                     const float *shares, int64_t n, const float *read, const float *made,
                     float *out) {
    const int64_t d = l->stack->config->n_width;
    float *through = mem_copy(shares, (size_t)(n * d) * sizeof *through),
          *x = mem_copy(read, (size_t)d * sizeof *x);
    row_norm_hold(&l->before, read, through, n, d);
    row_norm_apply(&l->before, x, d);
    float *ff = share_feed_forward(t, f, l->stack, l->weights, through, n, x);
    row_norm_hold(&l->branch, made, ff, n, d);
    scale_numbers(ff, n * d, l->factor);
    add_rows(out, ff, n * d);
    free(ff);
    free(x);
    free(through);
}

enum err_code real_share_rest(struct forward *f, enum model_stack stack, int64_t layer, int64_t row,
                              const float *sum, const float *shares, int64_t n, bool feed_forward,
                              float *out, struct err *e) {
    const int64_t d = f->model->config.n_width;
    struct last_part last;
    struct tape t;
    enum err_code code = open_last(&last, &t, f, stack, layer, n, e);
    if (code)
        return code;
    const bool beside = last.stack->plan->join == JOIN_SIDE_BY_SIDE,
               whole = last.after.scale || (last.branch.scale && feed_forward);
    float *state = mem_copy(sum, (size_t)d * sizeof *state);
    row_norm_apply(&last.between, state, d);
    memcpy(out, shares, (size_t)(n * d) * sizeof *out);
    row_norm_hold(&last.between, sum, out, n, d);
    float *read = read_by(&t, f, &last, layer, &row, state, 1),
          *made = whole ? make(&t, f, &last, read, 1) : NULL;
    if (feed_forward && beside)
        add_made(&t, f, &last, read, 1, read, made, out + row * d);
    else if (feed_forward)
        add_made(&t, f, &last, out, n, read, made, out);
    if (whole) {
        row_norm_apply(&last.branch, made, d);
        add_rows(state, made, d);
    }
    row_norm_hold(&last.after, state, out, n, d);
    free(made);
    free(read);
    free(state);
    return close_last(&last, &t, e);
}

/* Where sums are normed: each term of the last sum. */
static void normed_terms(struct tape *t, const struct forward *f, const struct last_part *l,
                         int64_t layer, const int64_t *rows, const float *sums, int64_t n,
                         float *residual, float *feed_forward, float *out) {
    const int64_t d = l->stack->config->n_width;
    const size_t bytes = (size_t)(n * d) * sizeof *out;
    memcpy(residual, sums, bytes);
    for (int64_t i = 0; i < n; i++)
        row_norm_apply(&l->between, residual + i * d, d);
    float *read = read_by(t, f, l, layer, rows, residual, n), *made = make(t, f, l, read, n),
          *whole = mem_copy(made, bytes);
    add_rows(whole, residual, n * d);
    memcpy(feed_forward, made, bytes);
    memcpy(out, whole, bytes);
    for (int64_t i = 0; i < n; i++) {
        row_norm_hold(&l->after, whole + i * d, residual + i * d, 1, d);
        row_norm_hold(&l->after, whole + i * d, feed_forward + i * d, 1, d);
        row_norm_apply(&l->after, out + i * d, d);
    }
    free(whole);
    free(made);
    free(read);
}

enum err_code real_rest_terms(struct forward *f, enum model_stack stack, int64_t layer,
                              const int64_t *rows, const float *sums, int64_t n, float *residual,
                              float *feed_forward, float *out, struct err *e) {
    const int64_t size = n * f->model->config.n_width;
    struct last_part last;
    struct tape t;
    enum err_code code = open_last(&last, &t, f, stack, layer, n, e);
    if (code)
        return code;
    if (last.between.scale || last.after.scale) {
        normed_terms(&t, f, &last, layer, rows, sums, n, residual, feed_forward, out);
        return close_last(&last, &t, e);
    }
    struct value *x = wrap_rows(&t, f, stack, sums, n),
                 *input = input_rows(&t, f, last.stack, layer, rows, n);
    x = block_rest(last.stack, &t, layer, last.index, input, x, NULL);
    if (!t.code)
        t.code = t.tn->read(x->tensor, out, TN_FLOAT32, &t.error);
    memcpy(residual, sums, (size_t)size * sizeof *residual);
    for (int64_t k = 0; k < size && !t.code; k++)
        feed_forward[k] = out[k] - sums[k];
    return close_last(&last, &t, e);
}
