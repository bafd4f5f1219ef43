/* How shares of a sum pass norms and feed-forward layers. Kobayashi et al. 2021 and 2023 (norms
 * held at the whole sum's statistics; integrated gradients from zero through the element-wise
 * functions). */
#include "backend/insides.h"

#include "backend/architectures/block.h"
#include "backend/architectures/head.h"
#include "backend/base/mem.h"
#include "backend/model/insides_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* n rows [n, width] through a norm whose statistics are those of `of` [width]: (x − mean(x)) ·
 * scale / deviation(of), or without a shift x · scale / root(of). */
static void norm_linearly(float *rows, int64_t n, const float *of, int64_t width,
                          const float *scale, bool centred, double epsilon) {
    double mean = 0, square = 0;
    for (int64_t k = 0; k < width && centred; k++)
        mean += of[k] / (double)width;
    for (int64_t k = 0; k < width; k++)
        square += (of[k] - mean) * (of[k] - mean) / (double)width;
    const double inverse = 1 / sqrt(square + epsilon);
    for (int64_t r = 0; r < n; r++) {
        double own = 0;
        for (int64_t k = 0; k < width && centred; k++)
            own += rows[r * width + k] / (double)width;
        for (int64_t k = 0; k < width; k++)
            rows[r * width + k] = (float)((rows[r * width + k] - own) * inverse * scale[k]);
    }
}

static bool is_centred(const struct stack *s) {
    return s->plan->norm == NORM_LAYER;
}

static void norm_shares(struct tape *t, const struct stack *s, const struct norm *w, float *rows,
                        int64_t n, const float *of) {
    const int64_t width = s->config->n_width;
    float *scale = read_new(t, w->scale, width);
    if (!t->code)
        norm_linearly(rows, n, of, width, scale, is_centred(s), s->sizes->norm_epsilon);
    free(scale);
}

static float *product(struct tape *t, const struct forward *f, const float *rows, int64_t n,
                      int64_t n_in, int64_t n_out, const struct weight *w, bool biased) {
    const int64_t dims[2] = {n, n_in};
    tn_tensor *x = NULL, *y = NULL;
    if (!t->code)
        t->code = t->tn->wrap(&x, t->work, (void *)(uintptr_t)rows, TN_FLOAT32, dims, 2, &t->error);
    if (!t->code)
        t->code = t->tn->move(&x, t->work, x, f->model->dtype, f->model->device, &t->error);
    if (!t->code)
        t->code = t->tn->linear(&y, t->work, x, w->matrix, biased ? w->bias : NULL, NULL,
                                w->transposed, &t->error);
    return read_new(t, y, n * n_out);
}

/* activation of [n, width] numbers. */
static float *activate(struct tape *t, const struct forward *f, const struct stack *s,
                       const float *z, int64_t n, int64_t width) {
    const int64_t dims[2] = {n, width};
    tn_tensor *x = NULL, *y = NULL;
    if (!t->code)
        t->code = t->tn->wrap(&x, t->work, (void *)(uintptr_t)z, TN_FLOAT32, dims, 2, &t->error);
    if (!t->code)
        t->code = t->tn->move(&x, t->work, x, f->model->dtype, f->model->device, &t->error);
    if (!t->code)
        t->code = t->tn->activation(&y, t->work, s->sizes->activation, x, &t->error);
    return read_new(t, y, n * width);
}

/* Mean of activation(α·z) over α in [0, 1]: 8 points of Gauss and Legendre in each of 4 equal
 * parts. */
static float *mean_activation(struct tape *t, const struct forward *f, const struct stack *s,
                              const float *z, int64_t width) {
    static const double node[4] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267,
                                   0.9602898564975363};
    static const double weight[4] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745,
                                     0.1012285362903763};
    float *points = mem_alloc((size_t)(32 * width) * sizeof *points),
          *out = mem_alloc((size_t)width * sizeof *out);
    for (int i = 0; i < 32; i++) {
        const double at = (i & 4 ? node[i & 3] : -node[i & 3]), alpha = ((at + 1) / 2 + i / 8) / 4;
        for (int64_t k = 0; k < width; k++)
            points[i * width + k] = (float)(alpha * z[k]);
    }
    float *g = activate(t, f, s, points, 32, width);
    for (int i = 0; i < 32; i++)
        for (int64_t k = 0; k < width; k++)
            out[k] += (float)(weight[i & 3] / 8 * g[i * width + k]);
    free(g);
    free(points);
    return out;
}

/* The activation at zero, and near it on either side: half their distance is its slope there. */
struct origin {
    float value, slope;
};
static struct origin activation_origin(struct tape *t, const struct forward *f,
                                       const struct stack *s) {
    static const float near = 1 / 64.0f;
    const float z[3] = {-near, 0, near};
    float *g = activate(t, f, s, z, 3, 1);
    const struct origin out = {g[1], (g[2] - g[0]) / (2 * near)};
    free(g);
    return out;
}

/* hidden shares of an ungated layer, in place: share · (g(z) − g(0)) / z. */
static void share_activation(struct tape *t, const struct forward *f, const struct stack *s,
                             float *shares, int64_t n, const float *z, int64_t width) {
    const struct origin zero = activation_origin(t, f, s);
    float *g = activate(t, f, s, z, 1, width);
    for (int64_t r = 0; r < n && !t->code; r++)
        for (int64_t k = 0; k < width; k++)
            shares[r * width + k] *= z[k] == 0 ? zero.slope : (g[k] - zero.value) / z[k];
    free(g);
}

/* g(gate) · up shared along the line from zero: with I the mean of g(α · gate), up's share has I
 * as factor and gate's (g(gate) − I) · up / gate. In place of `up`. */
static void share_gated(struct tape *t, const struct forward *f, const struct stack *s, float *up,
                        const float *gate, int64_t n, const float *z_up, const float *z_gate,
                        int64_t width) {
    const struct origin zero = activation_origin(t, f, s);
    float *g = activate(t, f, s, z_gate, 1, width), *mean = mean_activation(t, f, s, z_gate, width);
    for (int64_t r = 0; r < n && !t->code; r++)
        for (int64_t k = 0; k < width; k++) {
            const float own = z_gate[k] == 0 ? zero.slope / 2 : (g[k] - mean[k]) / z_gate[k];
            up[r * width + k] = up[r * width + k] * mean[k] + gate[r * width + k] * own * z_up[k];
        }
    free(mean);
    free(g);
}

/* What the feed-forward layer makes of shares [n, D] of its input `x` [D]: [n, D]. */
static float *share_feed_forward(struct tape *t, const struct forward *f, const struct stack *s,
                                 const struct part_weights *w, const float *shares, int64_t n,
                                 const float *x) {
    const int64_t d = s->config->n_width, wide = s->sizes->n_ffn;
    float *z_up = product(t, f, x, 1, d, wide, &w->up, true),
          *up = product(t, f, shares, n, d, wide, &w->up, false);
    if (s->plan->gated) {
        float *z_gate = product(t, f, x, 1, d, wide, &w->gate, true),
              *gate = product(t, f, shares, n, d, wide, &w->gate, false);
        share_gated(t, f, s, up, gate, n, z_up, z_gate, wide);
        free(gate);
        free(z_gate);
    } else {
        share_activation(t, f, s, up, n, z_up, wide);
    }
    float *out = product(t, f, up, n, wide, d, &w->down, false);
    free(up);
    free(z_up);
    return out;
}

static void add_rows(float *to, const float *rows, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        to[i] += rows[i];
}

/* The feed-forward layer itself, without a gate, at x [n, D], plus x. */
static float *whole_feed_forward(struct tape *t, const struct forward *f, const struct stack *s,
                                 const struct part_weights *w, const float *x, int64_t n) {
    const int64_t d = s->config->n_width, wide = s->sizes->n_ffn;
    float *z = product(t, f, x, n, d, wide, &w->up, true), *g = activate(t, f, s, z, n, wide);
    float *out = product(t, f, g, n, wide, d, &w->down, true);
    add_rows(out, x, n * d);
    free(g);
    free(z);
    return out;
}

static float *normed(struct tape *t, const struct stack *s, const struct norm *w, const float *x) {
    const int64_t width = s->config->n_width;
    float *out = mem_copy(x, (size_t)width * sizeof *out),
          *shift = w->bias ? read_new(t, w->bias, width) : NULL;
    norm_shares(t, s, w, out, 1, x);
    for (int64_t k = 0; k < width && shift; k++)
        out[k] += shift[k];
    free(shift);
    return out;
}

/* A block's feed-forward layer, and the norm of what it reads: its own, or the one after the part
 * before. */
struct last_part {
    const struct stack *stack;
    const struct part_weights *weights;
    const struct norm *before, *after; /* after: of its sum; NULL: none */
};

static enum err_code find_last(struct last_part *out, const struct forward *f,
                               enum model_stack stack, int64_t layer, struct err *e) {
    const struct stack *s = stack_of(f, stack);
    const int i = plan_index(s->plan, PART_FEED_FORWARD);
    const bool divisible = i > 0 && plan_is_divisible(s->plan);
    if (!divisible)
        return err_set(e, ERR_UNSUPPORTED, "this model's blocks cannot be taken apart");
    const struct part_weights *w = &s->blocks[layer].parts[i];
    *out = (struct last_part){s, w, &w->norm, NULL};
    if (s->plan->norm_place == NORM_AFTER_SUM)
        *out = (struct last_part){s, w, &w[-1].norm, &w->norm};
    return ERR_OK;
}

enum err_code real_share_rest(struct forward *f, enum model_stack stack, int64_t layer,
                              const float *sum, const float *shares, int64_t n, bool feed_forward,
                              float *out, struct err *e) {
    const struct model_config *c = &f->model->config;
    const int64_t size = n * c->n_width;
    struct last_part last;
    struct tape t;
    enum err_code code = find_last(&last, f, stack, layer, e);
    if (code)
        return code;
    open_rows(&t, f, stack, n, NULL);
    memcpy(out, shares, (size_t)size * sizeof *out);
    float *x = normed(&t, last.stack, last.before, sum),
          *through = mem_copy(shares, (size_t)size * sizeof *through);
    norm_shares(&t, last.stack, last.before, through, n, sum);
    if (last.after)
        memcpy(out, through, (size_t)size * sizeof *out);
    if (feed_forward) {
        float *ff = share_feed_forward(&t, f, last.stack, last.weights, through, n, x);
        add_rows(out, ff, size);
        free(ff);
    }
    if (last.after) {
        float *whole = whole_feed_forward(&t, f, last.stack, last.weights, x, 1);
        norm_shares(&t, last.stack, last.after, out, n, whole);
        free(whole);
    }
    free(through);
    free(x);
    return close_rows(&t, e);
}

/* Where blocks norm what they yield: the state between, and each term of the sum that is normed
 * last. */
static void normed_terms(struct tape *t, const struct forward *f, const struct last_part *last,
                         const float *sums, int64_t n, float *residual, float *feed_forward,
                         float *out) {
    const struct stack *s = last->stack;
    const int64_t d = s->config->n_width;
    for (int64_t i = 0; i < n && !t->code; i++) {
        float *state = normed(t, s, last->before, sums + i * d);
        memcpy(residual + i * d, state, (size_t)d * sizeof *state);
        free(state);
    }
    float *whole = whole_feed_forward(t, f, s, last->weights, residual, n);
    for (int64_t i = 0; i < n && !t->code; i++) {
        float *row = normed(t, s, last->after, whole + i * d);
        memcpy(out + i * d, row, (size_t)d * sizeof *row);
        free(row);
        for (int64_t k = 0; k < d; k++)
            feed_forward[i * d + k] = whole[i * d + k] - residual[i * d + k];
        norm_shares(t, s, last->after, residual + i * d, 1, whole + i * d);
        norm_shares(t, s, last->after, feed_forward + i * d, 1, whole + i * d);
    }
    free(whole);
}

enum err_code real_rest_terms(struct forward *f, enum model_stack stack, int64_t layer,
                              const float *sums, int64_t n, float *residual, float *feed_forward,
                              float *out, struct err *e) {
    const int64_t size = n * f->model->config.n_width;
    struct last_part last;
    struct tape t;
    enum err_code code = find_last(&last, f, stack, layer, e);
    if (code)
        return code;
    open_rows(&t, f, stack, n, NULL);
    if (last.after) {
        normed_terms(&t, f, &last, sums, n, residual, feed_forward, out);
        return close_rows(&t, e);
    }
    const int i = plan_index(last.stack->plan, PART_FEED_FORWARD);
    struct value *x = wrap_rows(&t, f, stack, sums, n);
    x = block_rest(last.stack, &t, layer, i, NULL, x, NULL);
    if (!t.code)
        t.code = t.tn->read(x->tensor, out, TN_FLOAT32, &t.error);
    memcpy(residual, sums, (size_t)size * sizeof *residual);
    for (int64_t k = 0; k < size && !t.code; k++)
        feed_forward[k] = out[k] - sums[k];
    return close_rows(&t, e);
}

enum err_code real_logit_directions(struct forward *f, const float *states, const float *d_logits,
                                    int64_t n, float *out, struct err *e) {
    const struct model *m = f->model;
    const struct model_config *c = &m->config;
    const struct stack *decoder = stack_of(f, STACK_DECODER);
    const int64_t dims[2] = {n, c->n_vocab};
    struct tape t;
    tn_tensor *d = NULL, *x = NULL;
    open_rows(&t, f, STACK_DECODER, n, NULL);
    if (!t.code)
        t.code = t.tn->wrap(&d, t.work, (void *)(uintptr_t)d_logits, TN_FLOAT32, dims, 2, &t.error);
    if (!t.code)
        t.code = t.tn->move(&d, t.work, d, m->dtype, m->device, &t.error);
    if (!t.code)
        t.code = head_vjp(&x, t.work, t.tn, &m->parameters, d, &t.error);
    if (!t.code)
        t.code = t.tn->read(x, out, TN_FLOAT32, &t.error);
    if (!t.code && decoder->plan->final_norm) {
        /* The transpose of x ↦ (x − mean(x)) · scale / deviation: scale first, then centre. */
        float *scale = read_new(&t, decoder->final_norm.scale, c->n_width),
              *ones = mem_alloc((size_t)c->n_width * sizeof *ones);
        for (int64_t k = 0; k < c->n_width; k++)
            ones[k] = 1;
        for (int64_t i = 0; i < n; i++) {
            for (int64_t k = 0; k < c->n_width; k++)
                out[i * c->n_width + k] *= scale[k];
            norm_linearly(out + i * c->n_width, 1, states + i * c->n_width, c->n_width, ones,
                          is_centred(decoder), decoder->sizes->norm_epsilon);
        }
        free(ones);
        free(scale);
    }
    return close_rows(&t, e);
}
