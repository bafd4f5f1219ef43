/* The operations of a tape, each followed by its vector-Jacobian product. */
#include "backend/tape/internal.h"

#include "backend/base/mem.h"
#include "backend/tape/dropout.h"

#include <math.h>
#include <stdlib.h>

/* `in` may hold NULLs; the value is in the first one's space; where no gradient is kept there is no
 * node. */
struct value *tape_record(struct tape *t, struct node *n, tn_tensor *tensor,
                          void (*vjp)(struct backward *, struct node *)) {
    unsigned inputs = 0;
    for (int i = 0; i < 3; i++)
        inputs |= n->in[i] ? n->in[i]->inputs : 0;
    struct value *out = tape_input(t, n->in[0]->space->stack, tensor);
    out->inputs = inputs;
    if (!inputs)
        return out;
    n->out = out;
    n->vjp = vjp;
    for (int i = 0; i < 4 && !t->code; i++)
        if (n->saved[i])
            t->code = t->tn->promote(&n->saved[i], t->keep, n->saved[i], &t->error);
    if (t->n_nodes == t->capacity_nodes)
        t->nodes = mem_resize(t->nodes,
                              (t->capacity_nodes = 2 * t->capacity_nodes + 64) * sizeof *t->nodes);
    t->nodes[t->n_nodes++] = *n;
    return t->code ? NULL : out;
}

/* --- sums and products ------------------------------------------------------------------- */

static void linear_vjp(struct backward *b, struct node *n) {
    struct block *dy = n->out->gradient;
    if (backward_wants(b, n->in[0])) {
        tn_tensor *into = backward_into(b, n->in[0], dy->rows), *dx = NULL;
        if (!b->code)
            b->code = b->tn->linear_vjp(&dx, b->node_scope, dy->tensor, n->weight->matrix,
                                        n->weight->transposed, into, b->e);
        backward_give(b, n->in[0], dy->rows, dx);
    }
    if (n->in[1] && backward_wants(b, n->in[1]))
        backward_share(b, n->in[1], dy);
}

struct value *tape_linear_add(struct tape *t, struct value *x, const struct weight *w,
                              struct value *residual) {
    tn_tensor *y;
    const bool apart = residual && t->dropout && t->dropout->rates.residual > 0;
    if (!t->code)
        t->code =
            t->tn->linear(&y, t->work, x->tensor, w->matrix, w->bias,
                          residual && !apart ? residual->tensor : NULL, w->transposed, &t->error);
    if (apart && !t->code)
        dropout_apply(t, &y, x->space, t->dropout->rates.residual);
    if (!t->code && apart)
        t->code = t->tn->add(&y, t->work, y, residual->tensor, &t->error);
    if (t->code)
        return NULL;
    return tape_record(t, &(struct node){.in = {x, residual}, .weight = w}, y, linear_vjp);
}

struct value *tape_linear(struct tape *t, struct value *x, const struct weight *w) {
    return tape_linear_add(t, x, w, NULL);
}

static void add_vjp(struct backward *b, struct node *n) {
    for (int i = 0; i < 2; i++)
        if (n->in[i] && backward_wants(b, n->in[i]))
            backward_share(b, n->in[i], n->out->gradient);
}

struct value *tape_add(struct tape *t, struct value *a, struct value *b) {
    tn_tensor *y;
    if (!t->code)
        t->code = t->tn->add(&y, t->work, a->tensor, b->tensor, &t->error);
    return t->code ? NULL : tape_record(t, &(struct node){.in = {a, b}}, y, add_vjp);
}

static void multiply_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    tn_tensor *dx = NULL;
    if (!b->code)
        b->code = b->tn->multiply(&dx, b->node_scope, dy->tensor, n->factor, b->e);
    backward_give(b, n->in[0], dy->rows, dx);
}

struct value *tape_multiply(struct tape *t, struct value *x, double factor) {
    tn_tensor *y;
    if (!t->code)
        t->code = t->tn->multiply(&y, t->work, x->tensor, factor, &t->error);
    return t->code ? NULL
                   : tape_record(t, &(struct node){.in = {x}, .factor = factor}, y, multiply_vjp);
}

static void clamp_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    tn_tensor *dx = NULL;
    if (!b->code)
        b->code = b->tn->clamp_vjp(&dx, b->node_scope, dy->tensor, n->saved[0], b->rows[dy->rows],
                                   n->factor, b->e);
    backward_give(b, n->in[0], dy->rows, dx);
}

struct value *tape_clamp(struct tape *t, struct value *x, double limit) {
    tn_tensor *y;
    if (!t->code)
        t->code = t->tn->clamp(&y, t->work, x->tensor, limit, &t->error);
    if (t->code)
        return NULL;
    return tape_record(t, &(struct node){.in = {x}, .saved = {x->tensor}, .factor = limit}, y,
                       clamp_vjp);
}

struct value *tape_add_positions(struct tape *t, struct value *x, const tn_tensor *table) {
    tn_tensor *y;
    if (!t->code)
        t->code = t->tn->add_positions(&y, t->work, x->tensor, table, x->space->length,
                                       x->space->first, &t->error);
    return t->code ? NULL : tape_record(t, &(struct node){.in = {x}}, y, add_vjp);
}

struct value *tape_dropout(struct tape *t, struct value *x, double rate) {
    if (t->code || !t->dropout || rate <= 0)
        return t->code ? NULL : x;
    tn_tensor *y = x->tensor;
    dropout_apply(t, &y, x->space, rate);
    return t->code ? NULL : tape_input(t, x->space->stack, y); /* which keeps no gradient */
}

/* --- norms ------------------------------------------------------------------------------- */

static void rms_norm_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    tn_tensor *into = backward_into(b, n->in[0], dy->rows), *dx = NULL;
    if (!b->code)
        b->code =
            b->tn->rms_norm_vjp(&dx, b->node_scope, dy->tensor, n->saved[0], n->saved[1],
                                n->norm->scale, n->norm->width, b->rows[dy->rows], into, b->e);
    backward_give(b, n->in[0], dy->rows, dx);
}

struct value *tape_rms_norm(struct tape *t, struct value *x, const struct norm *w, double epsilon) {
    tn_tensor *y, *statistics;
    if (!t->code)
        t->code = t->tn->rms_norm(&y, &statistics, t->work, x->tensor, w->scale, w->width, epsilon,
                                  &t->error);
    if (t->code)
        return NULL;
    return tape_record(t, &(struct node){.in = {x}, .saved = {x->tensor, statistics}, .norm = w}, y,
                       rms_norm_vjp);
}

static void layer_norm_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    tn_tensor *into = backward_into(b, n->in[0], dy->rows), *dx = NULL;
    if (!b->code)
        b->code =
            b->tn->layer_norm_vjp(&dx, b->node_scope, dy->tensor, n->saved[0], n->saved[1],
                                  n->norm->scale, n->norm->width, b->rows[dy->rows], into, b->e);
    backward_give(b, n->in[0], dy->rows, dx);
}

struct value *tape_layer_norm(struct tape *t, struct value *x, const struct norm *w,
                              double epsilon) {
    tn_tensor *y, *statistics;
    if (!t->code)
        t->code = t->tn->layer_norm(&y, &statistics, t->work, x->tensor, w->scale, w->bias,
                                    w->width, epsilon, &t->error);
    if (t->code)
        return NULL;
    return tape_record(t, &(struct node){.in = {x}, .saved = {x->tensor, statistics}, .norm = w}, y,
                       layer_norm_vjp);
}

/* --- element by element ------------------------------------------------------------------ */

bool backward_rescales(const struct backward *b, enum activation kind) {
    return b->tape->rescale == RESCALE_ALL ||
           (b->tape->rescale == RESCALE_MODULES && activation_is_of_modules(kind));
}

static void activation_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    tn_tensor *dx = NULL;
    if (!b->code && backward_rescales(b, n->activation))
        b->code =
            b->tn->activation_rescaled(&dx, b->node_scope, n->activation, dy->tensor, n->saved[0],
                                       b->rows[dy->rows], b->references[dy->rows], b->e);
    else if (!b->code)
        b->code = b->tn->activation_vjp(&dx, b->node_scope, n->activation, dy->tensor, n->saved[0],
                                        b->rows[dy->rows], b->e);
    backward_give(b, n->in[0], dy->rows, dx);
}

struct value *tape_activation(struct tape *t, struct value *x, enum activation kind) {
    tn_tensor *y;
    if (!t->code)
        t->code = t->tn->activation(&y, t->work, kind, x->tensor, &t->error);
    if (t->dropout && !t->code)
        dropout_apply(t, &y, x->space, t->dropout->rates.activation);
    return t->code
               ? NULL
               : tape_record(t, &(struct node){.in = {x}, .saved = {x->tensor}, .activation = kind},
                             y, activation_vjp);
}

static void gated_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    tn_tensor *d_gate = NULL, *d_up = NULL;
    if (!b->code && backward_rescales(b, n->activation))
        b->code = b->tn->gated_rescaled(&d_gate, &d_up, b->node_scope, n->activation, dy->tensor,
                                        n->saved[0], n->saved[1], b->rows[dy->rows],
                                        b->references[dy->rows], b->e);
    else if (!b->code)
        b->code = b->tn->gated_vjp(&d_gate, &d_up, b->node_scope, n->activation, dy->tensor,
                                   n->saved[0], n->saved[1], b->rows[dy->rows], b->e);
    backward_give(b, n->in[0], dy->rows, d_gate);
    backward_give(b, n->in[1], dy->rows, d_up);
}

struct value *tape_gated(struct tape *t, struct value *gate, struct value *up,
                         enum activation kind) {
    tn_tensor *y;
    if (!t->code)
        t->code = t->tn->gated(&y, t->work, kind, gate->tensor, up->tensor, &t->error);
    if (t->code)
        return NULL;
    return tape_record(
        t,
        &(struct node){.in = {gate, up}, .saved = {gate->tensor, up->tensor}, .activation = kind},
        y, gated_vjp);
}

static void rope_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    const struct space *space = n->out->space;
    tn_tensor *dx = NULL;
    if (!b->code)
        b->code = b->tn->rope(&dx, b->node_scope, dy->tensor, n->constant, n->width,
                              b->rows[dy->rows], space->length, space->first, true, b->e);
    backward_give(b, n->in[0], dy->rows, dx);
}

struct value *tape_rope(struct tape *t, struct value *x, const tn_tensor *table, int64_t width) {
    tn_tensor *y;
    if (!t->code)
        t->code = t->tn->rope(&y, t->work, x->tensor, table, width, NULL, x->space->length,
                              x->space->first, false, &t->error);
    return t->code ? NULL
                   : tape_record(t, &(struct node){.in = {x}, .constant = table, .width = width}, y,
                                 rope_vjp);
}

/* --- the recurrence ---------------------------------------------------------------------- */

static void recurrence_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    const struct space *space = n->out->space;
    const struct tn_segment *segments = backward_segments(b, space, dy->rows, ROWS_PREFIX);
    tn_tensor *dx = NULL, *d_gate = NULL;
    if (!b->code && b->tape->rescale == RESCALE_ALL)
        b->code = b->tn->recurrence_rescaled(&dx, &d_gate, b->node_scope, segments, b->n,
                                             b->n_rows[ROWS_PREFIX], space->length,
                                             space->n_batch / 2 * space->length, dy->tensor,
                                             n->saved[0], n->saved[1], n->saved[2], b->e);
    else if (!b->code)
        b->code = b->tn->recurrence_vjp(&dx, &d_gate, b->node_scope, segments, b->n,
                                        b->n_rows[ROWS_PREFIX], space->length, dy->tensor,
                                        n->saved[0], n->saved[1], n->saved[2], b->e);
    backward_give(b, n->in[0], ROWS_PREFIX, dx);
    backward_give(b, n->in[1], ROWS_PREFIX, d_gate);
}

/* The last row of every sequence of c becomes the cache's state. */
static void keep_state(struct tape *t, struct cache_layer *layer, const tn_tensor *c,
                       const struct space *space) {
    struct cache *cache = t->cache;
    int64_t *last = mem_alloc((size_t)cache->n_rows * sizeof *last);
    for (int64_t i = 0; i < cache->n_rows; i++)
        last[i] = (i + 1) * space->length - 1;
    tn_tensor *rows;
    t->code = t->tn->wrap(&rows, t->work, last, TN_INT64, &cache->n_rows, 1, &t->error);
    if (!t->code)
        t->code = t->tn->like(&rows, t->work, rows, c, &t->error);
    if (!t->code)
        t->code = t->tn->gather(&layer->state, cache->scope, c, rows, &t->error);
    free(last);
}

struct value *tape_recurrence(struct tape *t, struct value *x, struct value *gate, int64_t layer) {
    tn_tensor *c;
    struct cache_layer *cache = t->cache ? &t->cache->layers[layer] : NULL;
    if (!t->code)
        t->code = t->tn->recurrence(&c, t->work, x->tensor, gate->tensor,
                                    cache ? cache->state : NULL, x->space->n_batch, &t->error);
    if (!t->code && cache)
        keep_state(t, cache, c, x->space);
    if (t->code)
        return NULL;
    return tape_record(t, &(struct node){.in = {x, gate}, .saved = {x->tensor, gate->tensor, c}}, c,
                       recurrence_vjp);
}

/* --- attention --------------------------------------------------------------------------- */

static void attention_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    const enum row_set keys = n->kind == ATTENTION_DECODER_SELF ? ROWS_PREFIX : ROWS_SOURCE;
    const struct tn_segment *segments = backward_segments(b, n->in[0]->space, dy->rows, keys);
    tn_tensor *dq = NULL, *dk = NULL, *dv = NULL;
    if (!b->code)
        b->code = b->tn->attention_vjp(&dq, &dk, &dv, b->node_scope, &n->attention, segments, b->n,
                                       b->n_rows[keys], dy->tensor, n->saved[0], n->saved[1],
                                       n->saved[2], n->saved[3], b->e);
    backward_give(b, n->in[0], dy->rows, dq);
    backward_give(b, n->in[1], keys, dk);
    backward_give(b, n->in[2], keys, dv);
}

/* Keeps what the weights of this attention are recomputed from. */
static void note_attention(struct tape *t, enum attention_kind kind, int64_t layer,
                           const struct tn_attention *a, const tn_tensor *q, const tn_tensor *k) {
    if (t->code || !(t->keep_attentions || (t->keep_gradient && !t->recompute)))
        return;
    if (layer >= t->n_attentions[kind]) {
        t->attentions[kind] =
            mem_resize(t->attentions[kind], (size_t)(layer + 1) * sizeof *t->attentions[kind]);
        for (; t->n_attentions[kind] <= layer; t->n_attentions[kind]++)
            t->attentions[kind][t->n_attentions[kind]].q = NULL;
    }
    t->attentions[kind][layer].shape = *a;
    t->code = t->tn->promote(&t->attentions[kind][layer].q, t->keep, q, &t->error);
    if (!t->code)
        t->code = t->tn->promote(&t->attentions[kind][layer].k, t->keep, k, &t->error);
}

static struct value *attend(struct tape *t, struct node *n, const tn_tensor *k,
                            const tn_tensor *v) {
    const struct value *q = n->in[0];
    tn_tensor *y, *log_sums;
    if (!t->code && t->dropout && t->dropout->rates.attention > 0)
        dropout_attention(t, &y, &n->attention, q->tensor, k, v), log_sums = NULL;
    else if (!t->code)
        t->code =
            t->tn->attention(&y, &log_sums, t->work, &n->attention, q->tensor, k, v, &t->error);
    note_attention(t, n->kind, n->layer, &n->attention, q->tensor, k);
    if (t->code)
        return NULL;
    if (!t->cache) {
        n->saved[0] = q->tensor, n->saved[1] = n->in[1]->tensor;
        n->saved[2] = n->in[2]->tensor, n->saved[3] = log_sums;
    }
    return tape_record(t, n, y, attention_vjp);
}

static double scale_of(const struct heads *heads) {
    return heads->scale != 0 ? heads->scale : 1 / sqrt((double)heads->width);
}

/* A table that grows is replaced in the model, and stays the tape's. */
static void keep_bias(struct tape *t, struct tn_attention *a, const struct heads *heads) {
    tn_tensor *bias = NULL;
    t->code = t->tn->promote(&bias, t->keep, heads->bias, &t->error);
    a->bias = bias;
    a->n_bias = t->tn->columns_of(heads->bias);
    a->bias_zero = heads->bias_zero;
    a->bias_by_key = heads->bias_by_key;
}

struct value *tape_attention(struct tape *t, enum attention_kind kind, int64_t layer,
                             const struct heads *heads, struct value *q, struct value *k,
                             struct value *v) {
    if (t->code)
        return NULL;
    const struct space *space = q->space;
    struct node n = {.in = {q, k, v}, .kind = kind, .layer = layer};
    n.attention = (struct tn_attention){.n_batch = space->n_batch,
                                        .n_query = space->length,
                                        .n_key = space->length,
                                        .key_capacity = space->length,
                                        .n_heads = heads->n_heads,
                                        .n_kv_heads = heads->n_kv_heads,
                                        .width = heads->width,
                                        .causal = kind == ATTENTION_DECODER_SELF,
                                        .window = heads->window,
                                        .scale = scale_of(heads),
                                        .cap = heads->cap};
    if (heads->bias)
        keep_bias(t, &n.attention, heads);
    if (kind != ATTENTION_DECODER_SELF || !t->cache)
        return attend(t, &n, k->tensor, v->tensor);
    struct cache_layer *cache = &t->cache->layers[layer];
    t->code = t->tn->cache_write(cache->keys, k->tensor, space->first, &t->error);
    if (!t->code)
        t->code = t->tn->cache_write(cache->values, v->tensor, space->first, &t->error);
    n.attention.first_query = space->first;
    n.attention.n_key = space->first + space->length;
    n.attention.key_capacity = t->cache->capacity;
    return attend(t, &n, cache->keys, cache->values);
}

struct value *tape_cross_attention(struct tape *t, int64_t layer, const struct heads *heads,
                                   struct value *q, struct value *memory, const struct weight *key,
                                   const struct weight *value) {
    if (t->code)
        return NULL;
    const struct space *space = q->space, *source = &t->spaces[STACK_ENCODER];
    struct node n = {.in = {q}, .kind = ATTENTION_CROSS, .layer = layer};
    n.attention = (struct tn_attention){.n_batch = space->n_batch,
                                        .n_query = space->length,
                                        .n_key = source->length,
                                        .key_capacity = source->length,
                                        .n_heads = heads->n_heads,
                                        .n_kv_heads = heads->n_kv_heads,
                                        .width = heads->width,
                                        .shared_keys = source->n_batch == 1,
                                        .scale = scale_of(heads),
                                        .cap = heads->cap};
    struct cache_layer *cache = t->cache ? &t->cache->layers[layer] : NULL;
    if (cache && cache->cross_keys)
        return attend(t, &n, cache->cross_keys, cache->cross_values);
    n.in[1] = tape_linear(t, memory, key);
    n.in[2] = tape_linear(t, memory, value);
    if (t->code)
        return NULL;
    if (cache)
        t->code =
            t->tn->promote(&cache->cross_keys, t->cache->cross_scope, n.in[1]->tensor, &t->error);
    if (cache && !t->code)
        t->code =
            t->tn->promote(&cache->cross_values, t->cache->cross_scope, n.in[2]->tensor, &t->error);
    return attend(t, &n, n.in[1]->tensor, n.in[2]->tensor);
}
