/*
 * GPT-2. Radford et al. 2019: pre-norm blocks, learned positions, one stored map for query, key and
 * value. Reference: transformers 4.57, models/gpt2/modeling_gpt2.py, whose Conv1D stores maps as
 * [I, O]; GGUF stores them as [O, I].
 */
#include "backend/architectures/architecture.h"

static struct value *self(const struct parameters *p, const struct model_config *c, struct tape *t,
                          enum model_stack stack, int64_t i, struct value *x) {
    const struct heads heads = {c->n_heads, c->n_heads, c->n_head_width};
    const struct block_weights *b = &p->decoder[i];
    (void)stack;
    struct value *h = tape_layer_norm(t, x, &b->self_norm, c->norm_epsilon); /* [R, D] */
    h = tape_attention(t, ATTENTION_DECODER_SELF, i, &heads, tape_linear(t, h, &b->query),
                       tape_linear(t, h, &b->key), tape_linear(t, h, &b->value));
    return tape_linear_site(t, h, &b->output, x, MODULE_ATTENTION, i); /* [R, D] */
}

static struct value *rest(const struct parameters *p, const struct model_config *c, struct tape *t,
                          enum model_stack stack, int64_t i, struct value *x) {
    const struct block_weights *b = &p->decoder[i];
    (void)stack;
    struct value *h = tape_layer_norm(t, x, &b->ffn_norm, c->norm_epsilon);
    h = tape_activation(t, tape_linear(t, h, &b->up), c->activation); /* [R, F] */
    return tape_linear_site(t, h, &b->down, x, MODULE_MLP, i);        /* [R, D] */
}

const struct architecture_ops architecture_gpt2 = {
    .self = self, .rest = rest, .adds_positions = true, .pre_norm = true};
