/*
 * GPT-2. Radford et al. 2019: pre-norm blocks, learned positions, one stored map for query, key and
 * value. Reference: transformers 4.57, models/gpt2/modeling_gpt2.py, whose Conv1D stores maps as
 * [I, O]; GGUF stores them as [O, I].
 */
#include "backend/architectures/architecture.h"
#include "backend/model/loader.h"

#include <stdio.h>

struct names {
    const char *embedding, *positions, *head, *final_norm, *self_norm, *ffn_norm, *qkv, *output,
        *up, *down;
};

static const struct names hugging_face = {"transformer.wte.weight",
                                          "transformer.wpe.weight",
                                          "lm_head.weight",
                                          "transformer.ln_f.%s",
                                          "transformer.h.%d.ln_1.%s",
                                          "transformer.h.%d.ln_2.%s",
                                          "transformer.h.%d.attn.c_attn.%s",
                                          "transformer.h.%d.attn.c_proj.%s",
                                          "transformer.h.%d.mlp.c_fc.%s",
                                          "transformer.h.%d.mlp.c_proj.%s"};
static const struct names bare = {
    "wte.weight",       "wpe.weight",        "lm_head.weight",      "ln_f.%s",
    "h.%d.ln_1.%s",     "h.%d.ln_2.%s",      "h.%d.attn.c_attn.%s", "h.%d.attn.c_proj.%s",
    "h.%d.mlp.c_fc.%s", "h.%d.mlp.c_proj.%s"};
static const struct names gguf = {
    "token_embd.weight",   "position_embd.weight", "output.weight",      "output_norm.%s",
    "blk.%d.attn_norm.%s", "blk.%d.ffn_norm.%s",   "blk.%d.attn_qkv.%s", "blk.%d.attn_output.%s",
    "blk.%d.ffn_up.%s",    "blk.%d.ffn_down.%s"};

struct pair {
    char weight[96], bias[96];
};

static struct pair pair_of(const char *format, int layer) {
    struct pair p;
    snprintf(p.weight, sizeof p.weight, format, layer, "weight");
    snprintf(p.bias, sizeof p.bias, format, layer, "bias");
    return p;
}

static enum err_code norm(struct loader *l, struct norm *w, const char *format, int layer,
                          int64_t n, struct err *e) {
    struct pair p = pair_of(format, layer);
    return loader_norm(l, w, p.weight, p.bias, n, e);
}

static enum err_code linear(struct loader *l, struct weight *w, const char *format, int layer,
                            int64_t n_out, int64_t n_in, bool transposed, struct err *e) {
    struct pair p = pair_of(format, layer);
    return loader_linear(l, w, p.weight, p.bias, n_out, n_in, transposed, 0, e);
}

static enum err_code part(struct loader *l, struct weight *w, const char *format, int layer,
                          int which, int64_t width, bool transposed, struct err *e) {
    struct pair p = pair_of(format, layer);
    return loader_linear_part(l, w, p.weight, p.bias, 3 * width, which * width, width, width,
                              transposed, e);
}

static enum err_code load(struct parameters *p, struct loader *l, const struct model_config *c,
                          struct err *e) {
    const struct names *n = c->layout == LAYOUT_GGUF        ? &gguf
                            : loader_has(l, bare.embedding) ? &bare
                                                            : &hugging_face;
    const bool transposed = c->layout != LAYOUT_GGUF;
    const int64_t width = c->n_width;
    char scale[64], bias[64];
    snprintf(scale, sizeof scale, n->final_norm, "weight");
    snprintf(bias, sizeof bias, n->final_norm, "bias");
    enum err_code code =
        loader_linear(l, &p->embedding, n->embedding, NULL, c->n_vocab, width, false, 0, e);
    if (!code)
        code = loader_linear(l, &p->head, loader_has(l, n->head) ? n->head : n->embedding, NULL,
                             c->n_vocab, width, false, 0, e);
    if (!code)
        code = loader_matrix(l, &p->positions, n->positions, c->n_positions, width, e);
    if (!code)
        code = loader_norm(l, &p->final_norm, scale, bias, width, e);
    for (int i = 0; i < c->n_layers && !code; i++) {
        struct block_weights *b = &p->decoder[i];
        if ((code = norm(l, &b->self_norm, n->self_norm, i, width, e)) ||
            (code = norm(l, &b->ffn_norm, n->ffn_norm, i, width, e)) ||
            (code = part(l, &b->query, n->qkv, i, 0, width, transposed, e)) ||
            (code = part(l, &b->key, n->qkv, i, 1, width, transposed, e)) ||
            (code = part(l, &b->value, n->qkv, i, 2, width, transposed, e)) ||
            (code = linear(l, &b->output, n->output, i, width, width, transposed, e)) ||
            (code = linear(l, &b->up, n->up, i, c->n_ffn, width, transposed, e)) ||
            (code = linear(l, &b->down, n->down, i, width, c->n_ffn, transposed, e)))
            break;
    }
    return code;
}

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
    .load = load, .self = self, .rest = rest, .adds_positions = true, .pre_norm = true};
