/*
 * The small students of Bergamot and Firefox Translations: a transformer encoder (Vaswani et al.
 * 2017, post-norm) and a recurrent decoder of simpler simple recurrent units (Kim et al. 2019,
 * "From research to production and back"). Reference: marian-dev, src/models/transformer.h and
 * src/rnn/cells.h (SSRU). Marian multiplies x · W: its matrices are [I, O]. The decoder's input is
 * the embedding of the token before, zero at the first position.
 */
#include "backend/architectures/architecture.h"

static double *positions(const struct parameters *p, const struct model_config *c, int64_t n,
                         int64_t *width) {
    (void)p;
    *width = c->n_width;
    return sinusoidal_positions(n, c->n_width, (double)(c->n_width / 2) - 1);
}

static struct value *self(const struct parameters *p, const struct model_config *c, struct tape *t,
                          enum model_stack stack, int64_t i, struct value *x) {
    if (stack == STACK_DECODER) {
        const struct block_weights *b = &p->decoder[i];
        struct value *h = tape_recurrence(t, tape_linear(t, x, &b->recurrent_input),
                                          tape_linear(t, x, &b->recurrent_gate), i); /* [B·T, D] */
        h = tape_site(t, MODULE_ATTENTION, i, tape_activation(t, h, ACTIVATION_RELU));
        return t->code ? NULL : tape_add(t, h, x);
    }
    const struct heads heads = {c->n_encoder_heads, c->n_encoder_heads,
                                c->n_width / c->n_encoder_heads};
    const struct block_weights *b = &p->encoder[i];
    struct value *h =
        tape_attention(t, ATTENTION_ENCODER_SELF, i, &heads, tape_linear(t, x, &b->query),
                       tape_linear(t, x, &b->key), tape_linear(t, x, &b->value)); /* [B·S, D] */
    return tape_linear_site(t, h, &b->output, x, MODULE_ATTENTION, i);
}

const struct architecture_ops architecture_marian_student = {.positions = positions,
                                                             .self = self,
                                                             .cross = post_norm_cross,
                                                             .rest = post_norm_rest,
                                                             .adds_positions = true,
                                                             .recurrent = true};
