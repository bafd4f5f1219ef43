/* Attention of a stack to itself, and of a decoder to the encoder's output. Vaswani et al. 2017. */
#include "backend/architectures/parts.h"
#include "backend/architectures/positions.h"

#include <math.h>

/* 0: as is usual. */
static double scale_at(const struct stack *s, int64_t layer) {
    const struct model_config *c = s->config;
    if (!c->scale_by_layer)
        return c->attention_scale;
    const double scale =
        c->attention_scale > 0 ? c->attention_scale : 1 / sqrt((double)s->sizes->n_head_width);
    return scale / (double)(layer + 1);
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
                          .scale = scale_at(s, layer)};
    struct value *q, *k, *v;
    positions_bias(s, t, &heads);
    /* The order of the maps is that in which their gradients are added up. */
    if (s->plan->positions == POSITION_ROTARY) {
        q = positions_rotate(s, t, tape_linear(t, x, &w->query)); /* [R, H·d] */
        k = positions_rotate(s, t, tape_linear(t, x, &w->key));   /* [R, K·d] */
        v = tape_linear(t, x, &w->value);                         /* [R, K·d] */
    } else {
        v = tape_linear(t, x, &w->value);
        k = tape_linear(t, x, &w->key);
        q = tape_linear(t, x, &w->query);
    }
    return tape_attention(t, kind, layer, &heads, q, k, v); /* [R, H·d] */
}

struct value *part_cross_attention(const struct stack *s, struct tape *t, int64_t layer,
                                   const struct part_weights *w, struct value *x,
                                   struct value *memory) {
    const struct stack_sizes *n = s->sizes;
    const struct heads heads = {
        .n_heads = n->n_heads, .n_kv_heads = n->n_heads, .width = n->n_head_width};
    return tape_cross_attention(t, layer, &heads, tape_linear(t, x, &w->query), memory, &w->key,
                                &w->value);
}
