/*
 * Llama. Touvron et al. 2023, with grouped-query attention (Ainslie et al. 2023), rotary positions
 * (Su et al. 2021), gated linear units (Shazeer 2020) and root mean square norms (Zhang and
 * Sennrich 2019). Reference: transformers 4.57, models/llama/modeling_llama.py; Llama 3's scaled
 * frequencies: modeling_rope_utils.py. GGUF stores query and key rows permuted for interleaved
 * pairs: the loader puts them back.
 */
#include "backend/architectures/architecture.h"
#include "backend/base/mem.h"
#include "backend/model/loader.h"

#include <math.h>
#include <stdio.h>

struct names {
    const char *embedding, *head, *final_norm, *self_norm, *ffn_norm, *query, *key, *value, *output,
        *gate, *up, *down;
};

static const struct names hugging_face = {"model.embed_tokens.weight",
                                          "lm_head.weight",
                                          "model.norm.weight",
                                          "model.layers.%d.input_layernorm.%s",
                                          "model.layers.%d.post_attention_layernorm.%s",
                                          "model.layers.%d.self_attn.q_proj.%s",
                                          "model.layers.%d.self_attn.k_proj.%s",
                                          "model.layers.%d.self_attn.v_proj.%s",
                                          "model.layers.%d.self_attn.o_proj.%s",
                                          "model.layers.%d.mlp.gate_proj.%s",
                                          "model.layers.%d.mlp.up_proj.%s",
                                          "model.layers.%d.mlp.down_proj.%s"};
static const struct names gguf = {
    "token_embd.weight",     "output.weight",      "output_norm.weight", "blk.%d.attn_norm.%s",
    "blk.%d.ffn_norm.%s",    "blk.%d.attn_q.%s",   "blk.%d.attn_k.%s",   "blk.%d.attn_v.%s",
    "blk.%d.attn_output.%s", "blk.%d.ffn_gate.%s", "blk.%d.ffn_up.%s",   "blk.%d.ffn_down.%s"};

static enum err_code linear(struct loader *l, struct weight *w, const char *format, int layer,
                            int64_t n_out, int64_t n_in, int64_t n_heads, struct err *e) {
    char name[96], bias[96];
    snprintf(name, sizeof name, format, layer, "weight");
    snprintf(bias, sizeof bias, format, layer, "bias");
    return loader_linear(l, w, name, bias, n_out, n_in, false, n_heads, e);
}

static enum err_code norm(struct loader *l, struct norm *w, const char *format, int layer,
                          int64_t n, struct err *e) {
    char name[96];
    snprintf(name, sizeof name, format, layer, "weight");
    return loader_norm(l, w, name, NULL, n, e);
}

static enum err_code load(struct parameters *p, struct loader *l, const struct model_config *c,
                          struct err *e) {
    const bool permuted = c->layout == LAYOUT_GGUF;
    const struct names *n = permuted ? &gguf : &hugging_face;
    const int64_t width = c->n_width, query = c->n_heads * c->n_head_width,
                  key = c->n_kv_heads * c->n_head_width;
    enum err_code code =
        loader_linear(l, &p->embedding, n->embedding, NULL, c->n_vocab, width, false, 0, e);
    if (!code)
        code = loader_linear(l, &p->head,
                             !c->tied_embeddings && loader_has(l, n->head) ? n->head : n->embedding,
                             NULL, c->n_vocab, width, false, 0, e);
    if (!code)
        code = loader_norm(l, &p->final_norm, n->final_norm, NULL, width, e);
    if (!code && permuted &&
        loader_has(l, "rope_freqs.weight")) { /* llama.cpp keeps Llama 3's scaling as divisors */
        p->rope_divisors = mem_alloc((size_t)(c->n_head_width / 2) * sizeof *p->rope_divisors);
        code = loader_read(l, p->rope_divisors, "rope_freqs.weight", c->n_head_width / 2, e);
    }
    for (int i = 0; i < c->n_layers && !code; i++) {
        struct block_weights *b = &p->decoder[i];
        if ((code = norm(l, &b->self_norm, n->self_norm, i, width, e)) ||
            (code = norm(l, &b->ffn_norm, n->ffn_norm, i, width, e)) ||
            (code =
                 linear(l, &b->query, n->query, i, query, width, permuted ? c->n_heads : 0, e)) ||
            (code = linear(l, &b->key, n->key, i, key, width, permuted ? c->n_kv_heads : 0, e)) ||
            (code = linear(l, &b->value, n->value, i, key, width, 0, e)) ||
            (code = linear(l, &b->output, n->output, i, width, query, 0, e)) ||
            (code = linear(l, &b->gate, n->gate, i, c->n_ffn, width, 0, e)) ||
            (code = linear(l, &b->up, n->up, i, c->n_ffn, width, 0, e)) ||
            (code = linear(l, &b->down, n->down, i, width, c->n_ffn, 0, e)))
            break;
    }
    return code;
}

/* Llama 3 stretches slow frequencies by a factor, keeps fast ones, and blends between the two
 * wavelengths. */
static double scaled_frequency(const struct model_config *c, double frequency) {
    if (c->rope_linear > 0 && c->rope_linear != 1)
        return frequency / c->rope_linear;
    if (c->rope_factor <= 1)
        return frequency;
    double wavelength = 2 * M_PI / frequency;
    double low = c->rope_original_positions / c->rope_low_freq_factor,
           high = c->rope_original_positions / c->rope_high_freq_factor;
    if (wavelength < high)
        return frequency;
    if (wavelength > low)
        return frequency / c->rope_factor;
    double smooth = (c->rope_original_positions / wavelength - c->rope_low_freq_factor) /
                    (c->rope_high_freq_factor - c->rope_low_freq_factor);
    return (1 - smooth) * frequency / c->rope_factor + smooth * frequency;
}

/* [P, d]: cosines of the d/2 angles, then sines. */
static double *positions(const struct parameters *p, const struct model_config *c, int64_t n,
                         int64_t *width) {
    const int64_t d = c->n_head_width, half = d / 2;
    double *table = mem_alloc((size_t)(n * d) * sizeof *table);
    *width = d;
    for (int64_t i = 0; i < half; i++) {
        const double divisor = p->rope_divisors ? p->rope_divisors[i] : 1;
        const double frequency =
            scaled_frequency(c, pow(c->rope_base, -2.0 * (double)i / (double)d)) / divisor;
        for (int64_t r = 0; r < n; r++) {
            table[r * d + i] = cos((double)r * frequency);
            table[r * d + half + i] = sin((double)r * frequency);
        }
    }
    return table;
}

static struct value *self(const struct parameters *p, const struct model_config *c, struct tape *t,
                          enum model_stack stack, int64_t i, struct value *x) {
    const struct heads heads = {c->n_heads, c->n_kv_heads, c->n_head_width};
    const struct block_weights *b = &p->decoder[i];
    (void)stack;
    struct value *h = tape_rms_norm(t, x, &b->self_norm, c->norm_epsilon);      /* [R, D] */
    struct value *q = tape_rope(t, tape_linear(t, h, &b->query), p->positions); /* [R, H·d] */
    struct value *k = tape_rope(t, tape_linear(t, h, &b->key), p->positions);   /* [R, K·d] */
    struct value *v = tape_linear(t, h, &b->value);                             /* [R, K·d] */
    h = tape_attention(t, ATTENTION_DECODER_SELF, i, &heads, q, k, v);          /* [R, H·d] */
    return tape_linear_site(t, h, &b->output, x, MODULE_ATTENTION, i);          /* [R, D] */
}

static struct value *rest(const struct parameters *p, const struct model_config *c, struct tape *t,
                          enum model_stack stack, int64_t i, struct value *x) {
    const struct block_weights *b = &p->decoder[i];
    (void)stack;
    struct value *h = tape_rms_norm(t, x, &b->ffn_norm, c->norm_epsilon);
    h = tape_gated(t, tape_linear(t, h, &b->gate), tape_linear(t, h, &b->up),
                   c->activation);                             /* [R, F] */
    return tape_linear_site(t, h, &b->down, x, MODULE_MLP, i); /* [R, D] */
}

const struct architecture_ops architecture_llama = {
    .load = load, .positions = positions, .self = self, .rest = rest, .pre_norm = true};
