/*
 * MarianMT as in Transformers: Vaswani et al. 2017 with post-norm blocks, sinusoidal positions,
 * embeddings scaled by √D, a bias on the logits. Reference: transformers 4.57,
 * models/marian/modeling_marian.py.
 */
#include "backend/architectures/architecture.h"
#include "backend/model/loader.h"

#include <stdio.h>

struct pair {
    char weight[120], bias[120];
};

static struct pair pair_of(const char *stack, int layer, const char *part) {
    struct pair p;
    snprintf(p.weight, sizeof p.weight, "model.%s.layers.%d.%s.weight", stack, layer, part);
    snprintf(p.bias, sizeof p.bias, "model.%s.layers.%d.%s.bias", stack, layer, part);
    return p;
}

static enum err_code norm(struct loader *l, struct norm *w, const char *stack, int layer,
                          const char *part, int64_t n, struct err *e) {
    struct pair p = pair_of(stack, layer, part);
    return loader_norm(l, w, p.weight, p.bias, n, e);
}

static enum err_code linear(struct loader *l, struct weight *w, const char *stack, int layer,
                            const char *part, int64_t n_out, int64_t n_in, struct err *e) {
    struct pair p = pair_of(stack, layer, part);
    return loader_linear(l, w, p.weight, p.bias, n_out, n_in, false, 0, e);
}

static enum err_code load_block(struct block_weights *b, struct loader *l, const char *stack, int i,
                                int64_t d, int64_t f, bool cross, struct err *e) {
    enum err_code code;
    if ((code = linear(l, &b->query, stack, i, "self_attn.q_proj", d, d, e)) ||
        (code = linear(l, &b->key, stack, i, "self_attn.k_proj", d, d, e)) ||
        (code = linear(l, &b->value, stack, i, "self_attn.v_proj", d, d, e)) ||
        (code = linear(l, &b->output, stack, i, "self_attn.out_proj", d, d, e)) ||
        (code = norm(l, &b->self_norm, stack, i, "self_attn_layer_norm", d, e)) ||
        (code = linear(l, &b->up, stack, i, "fc1", f, d, e)) ||
        (code = linear(l, &b->down, stack, i, "fc2", d, f, e)) ||
        (code = norm(l, &b->ffn_norm, stack, i, "final_layer_norm", d, e)) || !cross)
        return code;
    if ((code = linear(l, &b->cross_query, stack, i, "encoder_attn.q_proj", d, d, e)) ||
        (code = linear(l, &b->cross_key, stack, i, "encoder_attn.k_proj", d, d, e)) ||
        (code = linear(l, &b->cross_value, stack, i, "encoder_attn.v_proj", d, d, e)) ||
        (code = linear(l, &b->cross_output, stack, i, "encoder_attn.out_proj", d, d, e)))
        return code;
    return norm(l, &b->cross_norm, stack, i, "encoder_attn_layer_norm", d, e);
}

/* The first of these tensors that the checkpoint has. */
static const char *first_of(const struct loader *l, const char *a, const char *b) {
    return loader_has(l, a) ? a : b;
}

static enum err_code load(struct parameters *p, struct loader *l, const struct model_config *c,
                          struct err *e) {
    const char *shared = "model.shared.weight",
               *encoder = first_of(l, "model.encoder.embed_tokens.weight", shared);
    const char *decoder =
        first_of(l, "model.decoder.embed_tokens.weight", first_of(l, shared, encoder));
    const char *head = first_of(l, "lm_head.weight", decoder);
    enum err_code code =
        loader_linear(l, &p->embedding, encoder, NULL, c->n_vocab, c->n_width, false, 0, e);
    if (!code)
        code = loader_linear(l, &p->decoder_embedding, decoder, NULL, c->n_vocab, c->n_width, false,
                             0, e);
    if (!code)
        code = loader_linear(l, &p->head, head, "final_logits_bias", c->n_vocab, c->n_width, false,
                             0, e);
    for (int i = 0; i < c->n_encoder_layers && !code; i++)
        code = load_block(&p->encoder[i], l, "encoder", i, c->n_width, c->n_ffn, false, e);
    for (int i = 0; i < c->n_layers && !code; i++)
        code = load_block(&p->decoder[i], l, "decoder", i, c->n_width, c->n_ffn, true, e);
    return code;
}

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

const struct architecture_ops architecture_marian_mt = {.load = load,
                                                        .positions = positions,
                                                        .self = self,
                                                        .cross = post_norm_cross,
                                                        .rest = post_norm_rest,
                                                        .adds_positions = true};
