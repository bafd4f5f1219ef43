/* Attention of a stack to itself, and of a decoder to the encoder's output. Vaswani et al. 2017. */
#include "backend/architectures/parts.h"
#include "backend/architectures/positions.h"

/* Of the encoder, or of the decoder to itself. */
static struct heads own_heads(const struct stack *s, int64_t layer) {
    const struct model_config *c = s->config;
    if (s->which == STACK_ENCODER)
        return (struct heads){.n_heads = c->n_encoder_heads,
                              .n_kv_heads = c->n_encoder_heads,
                              .width = c->n_width / c->n_encoder_heads};
    return (struct heads){.n_heads = c->n_heads,
                          .n_kv_heads = c->n_kv_heads,
                          .width = c->n_head_width,
                          .window = layer_in(&s->plan->local, layer) ? c->n_window : 0};
}

struct value *part_attention(const struct stack *s, struct tape *t, int64_t layer,
                             const struct part_weights *w, struct value *x) {
    const enum attention_kind kind =
        s->which == STACK_ENCODER ? ATTENTION_ENCODER_SELF : ATTENTION_DECODER_SELF;
    const struct heads heads = own_heads(s, layer);
    struct value *q, *k, *v;
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
    const struct model_config *c = s->config;
    const struct heads heads = {
        .n_heads = c->n_heads, .n_kv_heads = c->n_heads, .width = c->n_head_width};
    return tape_cross_attention(t, layer, &heads, tape_linear(t, x, &w->query), memory, &w->key,
                                &w->value);
}
