/* Attention of a stack to itself, and of a decoder to the encoder's output. Vaswani et al. 2017. */
#include "backend/architectures/norm.h"
#include "backend/architectures/parts.h"
#include "backend/architectures/positions.h"

#include <math.h>

/* 0: as is usual. */
static double scale_at(const struct stack *s, int64_t layer) {
    const struct stack_sizes *n = s->sizes;
    if (!n->scale_by_layer)
        return n->attention_scale;
    const double scale =
        n->attention_scale > 0 ? n->attention_scale : 1 / sqrt((double)n->n_head_width);
    return scale / (double)(layer + 1);
}

static struct value *cut(const struct stack *s, struct tape *t, struct value *x) {
    return s->config->attention_clip > 0 ? tape_clamp(t, x, s->config->attention_clip) : x;
}

struct value *part_values(const struct stack *s, struct tape *t, const struct part_weights *w,
                          struct value *x) {
    return cut(s, t, tape_linear(t, x, &w->value));
}

/* Or keys: normed, cut and rotated, where it is said so. */
static struct value *queries(const struct stack *s, struct tape *t, int64_t layer, struct value *x,
                             const struct weight *w, const struct norm *norm) {
    struct value *q = tape_linear(t, x, w);
    if (s->plan->query_norm != QUERY_NORM_NONE)
        q = norm_apply(s, t, norm, q);
    return positions_rotate(s, t, layer, cut(s, t, q));
}

struct value *part_attention(const struct stack *s, struct tape *t, int64_t layer,
                             const struct part_weights *w, struct value *x) {
    const enum attention_kind kind =
        s->which == STACK_ENCODER ? ATTENTION_ENCODER_SELF : ATTENTION_DECODER_SELF;
    const struct stack_sizes *n = s->sizes;
    struct heads heads = {.n_heads = n->n_heads,
                          .n_kv_heads = n->n_kv_heads,
                          .width = n->n_head_width,
                          .window = layer_in(&s->plan->local, layer) ? s->config->n_window : 0,
                          .scale = scale_at(s, layer),
                          .cap = s->config->attention_cap};
    struct value *q, *k, *v;
    positions_bias(s, t, layer, &heads);
    /* The order of the maps is that in which their gradients are added up. */
    if (s->plan->positions == POSITION_ROTARY) {
        q = queries(s, t, layer, x, &w->query, &w->query_norm); /* [R, H·d] */
        k = queries(s, t, layer, x, &w->key, &w->key_norm);     /* [R, K·d] */
        v = part_values(s, t, w, x);                            /* [R, K·d] */
    } else {
        v = part_values(s, t, w, x);
        k = queries(s, t, layer, x, &w->key, &w->key_norm);
        q = queries(s, t, layer, x, &w->query, &w->query_norm);
    }
    return tape_attention(t, kind, layer, &heads, q, k, v); /* [R, H·d] */
}

struct value *part_cross_attention(const struct stack *s, struct tape *t, int64_t layer,
                                   const struct part_weights *w, struct value *x,
                                   struct value *memory) {
    const struct stack_sizes *n = s->sizes;
    const struct heads heads = {.n_heads = n->n_heads,
                                .n_kv_heads = n->n_heads,
                                .width = n->n_head_width,
                                .scale = scale_at(s, layer),
                                .cap = s->config->attention_cap};
    return tape_cross_attention(t, layer, &heads, tape_linear(t, x, &w->query), memory, &w->key,
                                &w->value);
}
