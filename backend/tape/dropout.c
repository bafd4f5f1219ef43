/* Srivastava et al. 2014, "Dropout", scaled as PyTorch's: what is kept is divided by its
 * probability. */
#include "backend/tape/dropout.h"

#include "backend/base/mem.h"
#include "backend/base/random.h"

#include <stdlib.h>

/* Entries [n_batch, n]: each has noise of its own, which depends on its seed and on how many draws
 * came before, not on the entries beside it. */
static void draw(struct tape *t, float *x, int64_t n_batch, int64_t n, double rate) {
    const float scale = rate < 1 ? (float)(1 / (1 - rate)) : 0;
    const uint64_t use = t->n_draws++;
    for (int64_t b = 0; b < n_batch; b++) {
        struct random_state random = {mix_bits(mix_bits(t->dropout_seed + (uint64_t)b) + use)};
        for (int64_t i = 0; i < n; i++)
            x[b * n + i] *= random_uniform(&random) < rate ? 0 : scale;
    }
}

/* Host numbers [n_rows, columns] as a tensor of the model's type and device. */
static void place(struct tape *t, tn_tensor **out, float *x, int64_t n_rows, int64_t columns) {
    const int64_t dims[2] = {n_rows, columns};
    tn_tensor *view;
    if (!t->code)
        t->code = t->tn->wrap(&view, t->work, x, TN_FLOAT32, dims, 2, &t->error);
    if (!t->code)
        t->code = t->tn->multiply(&view, t->work, view, 1, &t->error); /* a copy of its own */
    if (!t->code)
        t->code =
            t->tn->move(&view, t->work, view, t->dropout->dtype, t->dropout->device, &t->error);
    if (!t->code)
        *out = view;
}

void dropout_apply(struct tape *t, tn_tensor **x, const struct space *space, double rate) {
    if (t->code || !t->dropout || rate <= 0)
        return;
    const int64_t columns = t->tn->columns_of(*x), n_rows = space->n_batch * space->length;
    float *host = mem_alloc((size_t)(n_rows * columns) * sizeof *host);
    t->code = t->tn->read(*x, host, TN_FLOAT32, &t->error);
    draw(t, host, space->n_batch, space->length * columns, rate);
    place(t, x, host, n_rows, columns);
    free(host);
}

/* out [d] of one query and head. */
static void weigh(float *out, const float *weights, const float *values, int64_t n_key,
                  int64_t stride, int64_t width) {
    for (int64_t k = 0; k < n_key; k++)
        for (int64_t i = 0; i < width && weights[k] != 0; i++)
            out[i] += weights[k] * values[k * stride + i];
}

void dropout_attention(struct tape *t, tn_tensor **out, const struct tn_attention *a,
                       const tn_tensor *q, const tn_tensor *k, const tn_tensor *v) {
    const int64_t n_weights = a->n_batch * a->n_heads * a->n_query * a->n_key,
                  group = a->n_heads / a->n_kv_heads, stride = a->n_kv_heads * a->width;
    const int64_t n_values = (a->shared_keys ? 1 : a->n_batch) * a->key_capacity * stride,
                  n_out = a->n_batch * a->n_query * a->n_heads * a->width;
    float *weights = mem_alloc((size_t)n_weights * sizeof *weights),
          *values = mem_alloc((size_t)n_values * sizeof *values);
    float *result = mem_alloc((size_t)n_out * sizeof *result);
    tn_tensor *w;
    if (!t->code)
        t->code = t->tn->attention_weights(&w, t->work, a, q, k, &t->error);
    if (!t->code)
        t->code = t->tn->read(w, weights, TN_FLOAT32, &t->error);
    if (!t->code)
        t->code = t->tn->read(v, values, TN_FLOAT32, &t->error);
    draw(t, weights, a->n_batch, n_weights / a->n_batch, t->dropout->rates.attention);
    for (int64_t b = 0; b < a->n_batch && !t->code; b++)
        for (int64_t h = 0; h < a->n_heads; h++)
            for (int64_t i = 0; i < a->n_query; i++)
                weigh(result + ((b * a->n_query + i) * a->n_heads + h) * a->width,
                      weights + ((b * a->n_heads + h) * a->n_query + i) * a->n_key,
                      values + (a->shared_keys ? 0 : b) * a->key_capacity * stride +
                          h / group * a->width,
                      a->n_key, stride, a->width);
    place(t, out, result, a->n_batch * a->n_query, a->n_heads * a->width);
    free(weights);
    free(values);
    free(result);
}
