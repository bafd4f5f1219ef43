/*
 * MarianMT as in Transformers: Vaswani et al. 2017 with post-norm blocks, sinusoidal positions,
 * embeddings scaled by √D, a bias on the logits. Reference: transformers 4.57,
 * models/marian/modeling_marian.py.
 */
#include "backend/architectures/architecture.h"

static double *positions(const struct parameters *p, const struct model_config *c, int64_t n,
                         int64_t *width) {
    (void)p;
    *width = c->n_width;
    return sinusoidal_positions(n, c->n_width, (double)(c->n_width / 2));
}

/* x + output(attention(x)) */
static struct value *self(const struct parameters *p, const struct model_config *c, struct tape *t,
                          enum model_stack stack, int64_t i, struct value *x) {
    const bool encoder = stack == STACK_ENCODER;
    const struct block_weights *b = encoder ? &p->encoder[i] : &p->decoder[i];
    const int64_t n = encoder ? c->n_encoder_heads : c->n_heads;
    const struct heads heads = {n, n, c->n_width / n};
    struct value *h = tape_attention(t, encoder ? ATTENTION_ENCODER_SELF : ATTENTION_DECODER_SELF,
                                     i, &heads, tape_linear(t, x, &b->query),
                                     tape_linear(t, x, &b->key), tape_linear(t, x, &b->value));
    return tape_linear_site(t, h, &b->output, x, MODULE_ATTENTION, i);
}

const struct architecture_ops architecture_marian_mt = {.positions = positions,
                                                        .self = self,
                                                        .cross = post_norm_cross,
                                                        .rest = post_norm_rest,
                                                        .adds_positions = true};
