/*
 * Transformer block norm. Kobayashi et al. 2023, "Analyzing feed-forward blocks in Transformers
 * through the lens of attention maps", section 3 (AtbFfResLn): the norm of each token's vector in a
 * whole block's output. Norms are held at the row's statistics, and the activation shares by
 * integrated gradients from zero, whose integral has a closed form for a function of one variable;
 * a gated layer's is taken along the same line. Where attention and feed-forward layer stand side
 * by side (GPT-J, GPT-NeoX, Falcon, Phi-2, Cohere) the latter reads the block's input, so that what
 * it makes is the row's own token's. Reference: the authors' norm-analysis-of-transformer
 * repository, which integrates numerically and knows blocks in turn only.
 */
#include "methods/engine/mixing.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The other attention of the same block, kept while a layer's rows are done. */
struct other {
    struct attention_parts parts;
    enum attention_kind kind;
    int64_t layer;
    bool open;
};

static enum err_code need_other(struct other *o, const struct mixing_view *v,
                                enum attention_kind kind, struct err *e) {
    if (o->open && o->layer == v->layer && o->kind == kind)
        return ERR_OK;
    if (o->open)
        attention_parts_dispose(&o->parts);
    o->open = false;
    enum err_code code = forward_attention_parts(v->f, kind, v->layer, &o->parts, e);
    o->open = !code;
    o->kind = kind;
    o->layer = v->layer;
    return code;
}

static enum err_code row(const struct mixing_view *v, int64_t i, float *out, struct err *e) {
    struct other *o = v->user;
    const bool cross = v->kind == ATTENTION_CROSS,
               both = v->kind != ATTENTION_ENCODER_SELF && v->g->in->config->encoder_decoder;
    const enum attention_kind kind = cross ? ATTENTION_DECODER_SELF : ATTENTION_CROSS;
    enum err_code code = both ? need_other(o, v, kind, e) : ERR_OK;
    if (code)
        return code;
    struct rollout_view block = {.g = v->g,
                                 .f = v->f,
                                 .stack = v->kind == ATTENTION_ENCODER_SELF ? STACK_ENCODER
                                                                            : STACK_DECODER,
                                 .layer = v->layer,
                                 .self = cross ? &o->parts : v->parts};
    if (both)
        block.cross = cross ? v->parts : &o->parts;
    const int64_t d = v->parts->width, n = parts_keys(block.self, i),
                  n_source = both ? block.cross->n_key : 0;
    float *vectors = mem_alloc((size_t)((n + n_source) * d) * sizeof *vectors),
          *mine = cross ? vectors + n * d : vectors;
    code = mixing_block_shares(&block, i, true, vectors, vectors + n * d, e);
    if (code)
        goto out;
    for (int64_t j = 0; j < (cross ? n_source : n); j++)
        out[j] = (float)norm_l2(mine + j * d, d);
out:
    free(vectors);
    return code;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct other other = {0};
    struct mixing_method m = {
        .row = row, .user = &other, .decoder_self = true, .encoder_self = true};
    enum err_code code = mixing_layers(out, in, &m, ctl, e);
    if (other.open)
        attention_parts_dispose(&other.parts);
    return code;
}

static void cost(struct cost *c, const struct cost_input *in) {
    mixing_cost(c, in, MIXING_WITH_FEED_FORWARD, in->config->n_layers);
}

const struct method method_transformer_block_norm = {
    .columns = COLUMNS_TOGETHER,
    .decl = {.id = "transformer_block_norm",
             .title = "Transformer block norm",
             .family = FAMILY_INTERNALS,
             .axes = AXES_TOKENS_LAYERS,
             .summary =
                 "The length ‖·‖₂ of each token's vector in every block's output: "
                 "attention, residuals, norms and the feed-forward layer, whose activation is "
                 "shared out by integrated gradients.",
             .paper = "Kobayashi et al. 2023, Analyzing feed-forward blocks in Transformers "
                      "through the lens of attention maps, section 3",
             .reference = "the authors' norm-analysis-of-transformer; not in Inseq. Where the "
                          "feed-forward layer stands beside attention it reads the token itself, "
                          "whose vector all of it is"},
    .run = run,
    .cost = cost,
};
