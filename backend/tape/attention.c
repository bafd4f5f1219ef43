/* Attention of a tape, and its vector-Jacobian product. */
#include "backend/tape/internal.h"

#include "backend/base/mem.h"
#include "backend/tape/dropout.h"

#include <math.h>

/* Whether the gradient of the queries (keys) need not be there: where nothing but this attention
 * reads them, nobody asks for it, and it costs less to go through their map at once. */
static bool goes_through_map(const struct backward *b, const struct node *n,
                             const struct tn_segment *segments, enum tn_side side) {
    const struct value *v = n->in[side == TN_KEYS];
    return v->map && !v->site && !v->gradient && backward_wants(b, v->mapped) &&
           b->tn->slopes_pay(&n->attention, segments, b->n, side, n->saved[side == TN_QUERIES],
                             v->map->matrix, v->map->transposed);
}

/* `made`: the slopes of a side in `through`, else its gradient. */
static void give_side(struct backward *b, struct node *n, const struct tn_segment *segments,
                      enum tn_side side, unsigned through, enum row_set rows,
                      const tn_tensor *made) {
    struct value *v = n->in[side == TN_KEYS];
    if (!(through & side)) {
        backward_give(b, v, rows, made);
        return;
    }
    tn_tensor *into = backward_into(b, v->mapped, rows), *dx = NULL;
    if (!b->code)
        b->code = b->tn->slopes_vjp(&dx, b->node_scope, &n->attention, segments, b->n, side, made,
                                    n->saved[side == TN_QUERIES], v->map->matrix,
                                    v->map->transposed, into, b->e);
    backward_give(b, v->mapped, rows, dx);
}

static void attention_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    const enum row_set keys = n->kind == ATTENTION_DECODER_SELF ? ROWS_PREFIX : ROWS_SOURCE;
    const struct tn_segment *segments = backward_segments(b, n->in[0]->space, dy->rows, keys);
    tn_tensor *dq = NULL, *dk = NULL, *dv = NULL;
    unsigned through = 0;
    for (unsigned side = TN_QUERIES; side <= TN_KEYS && !b->code; side <<= 1)
        through |= goes_through_map(b, n, segments, side) ? side : 0;
    if (!b->code)
        b->code = b->tn->attention_vjp(&dq, &dk, &dv, b->node_scope, &n->attention, segments, b->n,
                                       b->n_rows[keys], through, dy->tensor, n->saved[0],
                                       n->saved[1], n->saved[2], n->saved[3], b->e);
    give_side(b, n, segments, TN_QUERIES, through, dy->rows, dq);
    give_side(b, n, segments, TN_KEYS, through, keys, dk);
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
