/* How shares of what a feed-forward layer reads pass it. Kobayashi et al. 2023: integrated
 * gradients from zero through the element-wise functions. */
#include "backend/base/mem.h"
#include "backend/model/insides_internal.h"

#include <math.h>
#include <stdlib.h>

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

/* What a layer or an expert of `wide` hidden numbers makes of shares [n, D] of what it reads. */
static float *share_maps(struct tape *t, const struct forward *f, const struct stack *s,
                         const struct expert *w, int64_t wide, bool gated, const float *shares,
                         int64_t n, const float *x) {
    const int64_t d = s->config->n_width;
    float *z_up = product(t, f, x, 1, d, wide, &w->up, true),
          *up = product(t, f, shares, n, d, wide, &w->up, false);
    if (gated) {
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

/* Weights of the experts for one row, the shared one's last: owned by the caller. */
static double *route_row(struct tape *t, const struct forward *f, const struct experts *w,
                         const float *x, int64_t width) {
    double *logits = mem_alloc((size_t)w->n * sizeof *logits),
           *probability = mem_alloc((size_t)w->n * sizeof *probability),
           *out = mem_alloc((size_t)(w->n + 1) * sizeof *out);
    float *z = product(t, f, x, 1, width, w->n, &w->router, true),
          *shared = w->has_shared ? product(t, f, x, 1, width, 1, &w->shared_router, true) : NULL;
    for (int64_t e = 0; e < w->n; e++)
        logits[e] = z[e];
    experts_route(w, logits, probability, out);
    if (shared)
        out[w->n] = 1 / (1 + exp(-(double)shared[0]));
    free(shared);
    free(z);
    free(probability);
    free(logits);
    return out;
}

/* The row's experts, their weights held as attention's are. */
static float *share_experts(struct tape *t, const struct forward *f, const struct stack *s,
                            const struct experts *w, const float *shares, int64_t n,
                            const float *x) {
    const struct expert_sizes *sizes = &s->config->experts;
    const int64_t d = s->config->n_width;
    double *weight = route_row(t, f, w, x, d);
    float *out = mem_alloc((size_t)(n * d) * sizeof *out);
    for (int64_t e = 0; e <= w->n && !t->code; e++) {
        if (weight[e] == 0)
            continue;
        float *one = share_maps(t, f, s, &w->each[e], e < w->n ? sizes->n_ffn : sizes->n_shared_ffn,
                                true, shares, n, x);
        for (int64_t k = 0; k < n * d; k++)
            out[k] += (float)(weight[e] * one[k]);
        free(one);
    }
    free(weight);
    return out;
}

float *share_feed_forward(struct tape *t, const struct forward *f, const struct stack *s,
                          const struct part_weights *w, const float *shares, int64_t n,
                          const float *x) {
    if (w->experts.n)
        return share_experts(t, f, s, &w->experts, shares, n, x);
    const struct expert maps = {w->gate, w->up, w->down};
    return share_maps(t, f, s, &maps, s->sizes->n_ffn, s->plan->gated, shares, n, x);
}
