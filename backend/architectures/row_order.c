#include "backend/architectures/row_order.h"

#include "backend/base/mem.h"

#include <stdlib.h>

/* What a stack's fused map has: rows of queries, keys and values, in heads of `width`. */
struct shape {
    int64_t n_heads, n_kv_heads, width;
};

static int64_t *in_order(int64_t n) {
    int64_t *out = mem_alloc((size_t)n * sizeof *out);
    for (int64_t i = 0; i < n; i++)
        out[i] = i;
    return out;
}

/* For every key-value head its query heads, its key and its value. */
static int64_t *by_group(const struct shape *s) {
    const int64_t group = s->n_heads / s->n_kv_heads, d = s->width;
    int64_t *out = in_order((s->n_heads + 2 * s->n_kv_heads) * d), *to = out;
    for (int64_t h = 0; h < s->n_heads; h++)
        for (int64_t i = 0; i < d; i++)
            *to++ = (h / group * (group + 2) + h % group) * d + i;
    for (int64_t part = 0; part < 2; part++)
        for (int64_t h = 0; h < s->n_kv_heads; h++)
            for (int64_t i = 0; i < d; i++)
                *to++ = (h * (group + 2) + group + part) * d + i;
    return out;
}

/* CodeGen's: in each of so many blocks the queries, then the values, then the keys of its heads. */
static int64_t *in_blocks(const struct shape *s) {
    static const int64_t place[3] = {0, 2, 1};
    const int64_t n = s->n_heads * s->width, local = n / FUSE_BLOCKS;
    int64_t *out = in_order(3 * n);
    for (int64_t part = 0; part < 3; part++)
        for (int64_t i = 0; i < n; i++)
            out[part * n + i] = (i / local * 3 + place[part]) * local + i % local;
    return out;
}

/* Where row i of such heads lies. */
static int64_t paired(int64_t i, int64_t width, int64_t n_rotated) {
    const int64_t half = n_rotated / 2, k = i % width;
    return k < n_rotated ? i - k + k % half * 2 + k / half : i;
}

int64_t *row_order_of_pairs(int64_t n_heads, int64_t width, int64_t n_rotated) {
    int64_t *out = in_order(n_heads * width);
    for (int64_t i = 0; i < n_heads * width; i++)
        out[i] = paired(i, width, n_rotated);
    return out;
}

/* The first n rows are of queries and keys. */
static int64_t *with_pairs(int64_t *order, int64_t n, const struct shape *s, int64_t n_rotated) {
    int64_t *out = mem_copy(order, (size_t)(n + s->n_kv_heads * s->width) * sizeof *out);
    for (int64_t i = 0; i < n; i++)
        out[i] = order[paired(i, s->width, n_rotated)];
    free(order);
    return out;
}

static int64_t *of_fused(const struct shape *s, const struct family_layout *l, int64_t n_rotated) {
    const int64_t n_keys = s->n_kv_heads * s->width, n = s->n_heads * s->width + n_keys;
    int64_t *order = NULL;
    if (l->fuse == FUSE_QKV_BY_GROUP)
        order = by_group(s);
    else if (l->fuse == FUSE_QKV_IN_BLOCKS)
        order = in_blocks(s);
    else if (l->rope_in_pairs)
        order = in_order(n + n_keys);
    return l->rope_in_pairs ? with_pairs(order, n, s, n_rotated) : order;
}

int64_t *row_order(const struct model_config *c, const struct family_layout *l, enum slot slot) {
    const struct shape s = {c->n_heads, c->n_kv_heads, c->n_head_width};
    const int64_t n_rotated = c->n_rotated ? c->n_rotated : s.width;
    if (slot == SLOT_QKV)
        return of_fused(&s, l, n_rotated);
    const bool one_scale = c->decoder.query_norm == QUERY_NORM_BY_HEAD;
    if (!l->rope_in_pairs)
        return NULL;
    if ((slot == SLOT_QUERY_NORM || slot == SLOT_KEY_NORM) && one_scale)
        return row_order_of_pairs(1, s.width, n_rotated);
    if (slot == SLOT_QUERY || slot == SLOT_QUERY_NORM)
        return row_order_of_pairs(s.n_heads, s.width, n_rotated);
    if (slot == SLOT_KEY || slot == SLOT_KEY_NORM)
        return row_order_of_pairs(s.n_kv_heads, s.width, n_rotated);
    return NULL;
}
