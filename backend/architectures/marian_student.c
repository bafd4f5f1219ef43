/*
 * The small students of Bergamot and Firefox Translations: a transformer encoder (Vaswani et al.
 * 2017, post-norm) and a recurrent decoder of simpler simple recurrent units (Kim et al. 2019,
 * "From research to production and back"). Reference: marian-dev, src/models/transformer.h and
 * src/rnn/cells.h (SSRU). Marian multiplies x · W: its matrices are [I, O]. The decoder's input is
 * the embedding of the token before, zero at the first position.
 */
#include "backend/architectures/architecture.h"
#include "backend/model/loader.h"

#include <stdio.h>

/* "<prefix>_<what>" into one of a few buffers. */
struct name {
    char text[80];
};
static struct name name_of(const char *stack, int layer, const char *what) {
    struct name n;
    snprintf(n.text, sizeof n.text, "%s_l%d_%s", stack, layer + 1, what);
    return n;
}

static enum err_code linear(struct loader *l, struct weight *w, const char *stack, int layer,
                            const char *matrix, const char *bias, int64_t n_out, int64_t n_in,
                            struct err *e) {
    const struct name m = name_of(stack, layer, matrix),
                      b = name_of(stack, layer, bias ? bias : "");
    return loader_linear(l, w, m.text, bias ? b.text : NULL, n_out, n_in, true, 0, e);
}

static enum err_code norm(struct loader *l, struct norm *w, const char *stack, int layer,
                          const char *scale, const char *bias, int64_t n, struct err *e) {
    return loader_norm(l, w, name_of(stack, layer, scale).text, name_of(stack, layer, bias).text, n,
                       e);
}

static enum err_code feed_forward_weights(struct block_weights *b, struct loader *l,
                                          const char *stack, int i, int64_t d, int64_t f,
                                          struct err *e) {
    enum err_code code = linear(l, &b->up, stack, i, "ffn_W1", "ffn_b1", f, d, e);
    if (!code)
        code = linear(l, &b->down, stack, i, "ffn_W2", "ffn_b2", d, f, e);
    return code ? code
                : norm(l, &b->ffn_norm, stack, i, "ffn_ffn_ln_scale", "ffn_ffn_ln_bias", d, e);
}

static enum err_code encoder_weights(struct block_weights *b, struct loader *l, int i, int64_t d,
                                     int64_t f, struct err *e) {
    enum err_code code;
    if ((code = linear(l, &b->query, "encoder", i, "self_Wq", "self_bq", d, d, e)) ||
        (code = linear(l, &b->key, "encoder", i, "self_Wk", "self_bk", d, d, e)) ||
        (code = linear(l, &b->value, "encoder", i, "self_Wv", "self_bv", d, d, e)) ||
        (code = linear(l, &b->output, "encoder", i, "self_Wo", "self_bo", d, d, e)) ||
        (code = norm(l, &b->self_norm, "encoder", i, "self_Wo_ln_scale", "self_Wo_ln_bias", d, e)))
        return code;
    return feed_forward_weights(b, l, "encoder", i, d, f, e);
}

static enum err_code decoder_weights(struct block_weights *b, struct loader *l, int i, int64_t d,
                                     int64_t f, struct err *e) {
    enum err_code code;
    if ((code = linear(l, &b->recurrent_input, "decoder", i, "rnn_W", NULL, d, d, e)) ||
        (code = linear(l, &b->recurrent_gate, "decoder", i, "rnn_Wf", "rnn_bf", d, d, e)) ||
        (code =
             norm(l, &b->self_norm, "decoder", i, "rnn_ffn_ln_scale", "rnn_ffn_ln_bias", d, e)) ||
        (code = linear(l, &b->cross_query, "decoder", i, "context_Wq", "context_bq", d, d, e)) ||
        (code = linear(l, &b->cross_key, "decoder", i, "context_Wk", "context_bk", d, d, e)) ||
        (code = linear(l, &b->cross_value, "decoder", i, "context_Wv", "context_bv", d, d, e)) ||
        (code = linear(l, &b->cross_output, "decoder", i, "context_Wo", "context_bo", d, d, e)) ||
        (code = norm(l, &b->cross_norm, "decoder", i, "context_Wo_ln_scale", "context_Wo_ln_bias",
                     d, e)))
        return code;
    return feed_forward_weights(b, l, "decoder", i, d, f, e);
}

static enum err_code load(struct parameters *p, struct loader *l, const struct model_config *c,
                          struct err *e) {
    enum err_code code =
        loader_linear(l, &p->embedding, "Wemb", NULL, c->n_vocab, c->n_width, false, 0, e);
    if (!code)
        code = loader_linear(l, &p->head, "Wemb", "decoder_ff_logit_out_b", c->n_vocab, c->n_width,
                             false, 0, e);
    for (int i = 0; i < c->n_encoder_layers && !code; i++)
        code = encoder_weights(&p->encoder[i], l, i, c->n_width, c->n_ffn, e);
    for (int i = 0; i < c->n_layers && !code; i++)
        code = decoder_weights(&p->decoder[i], l, i, c->n_width, c->n_ffn, e);
    return code;
}

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

const struct architecture_ops architecture_marian_student = {.load = load,
                                                             .positions = positions,
                                                             .self = self,
                                                             .cross = post_norm_cross,
                                                             .rest = post_norm_rest,
                                                             .adds_positions = true,
                                                             .recurrent = true};
