/*
 * Attention block norm. Kobayashi et al. 2021, "Incorporating residual and normalization layers
 * into analysis of masked language models", equations 6 to 9: the norm of each token's vector in an
 * attention block's output, the residual with the token itself and the norm held at the row's
 * statistics. Reference: the authors' norm-analysis-of-transformer repository (AttnResLn-N;
 * AttnRes-N where the block yields no norm). Of a cross-attention the residual is not a source
 * token's, and is left out. A norm on attention's branch is held at the row's statistics likewise.
 */
#include "methods/engine/mixing.h"

#include "backend/base/mem.h"

#include <stdlib.h>

static enum err_code row(const struct mixing_view *v, int64_t i, float *out, struct err *e) {
    const struct attention_parts *p = v->parts;
    const int64_t n = parts_n_shares(p, i);
    float *shares = malloc((size_t)(n * p->width) * sizeof *shares),
          *sum = mem_alloc((size_t)p->width * sizeof *sum);
    if (shares) {
        parts_sum(p, i, sum);
        parts_shares(p, i, shares);
        parts_norm_shares(p, sum, shares, n);
        for (int64_t j = 0; j < parts_keys(p, i); j++)
            out[j] = (float)norm_l2(shares + j * p->width, p->width);
    }
    free(sum);
    free(shares);
    return shares ? ERR_OK
                  : err_set(e, ERR_NOMEM, "out of memory for the %lld shares of one token",
                            (long long)n);
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct mixing_method m = {.row = row, .decoder_self = true, .encoder_self = true};
    return mixing_layers(out, in, &m, ctl, e);
}

static void cost(struct cost *c, const struct cost_input *in) {
    mixing_cost(c, in, MIXING_SHARES, in->config->n_layers);
}

const struct method method_attention_block_norm = {
    .columns = COLUMNS_TOGETHER,
    .decl = {.id = "attention_block_norm",
             .title = "Attention block norm",
             .family = FAMILY_INTERNALS,
             .axes = AXES_TOKENS_LAYERS,
             .summary =
                 "‖LN(Σ_h α_h f_h(x_j) + [j = i] x_i)‖₂ of every layer: the length of each "
                 "token's vector in an attention block's output, residual and norm included.",
             .paper = "Kobayashi et al. 2021, Incorporating residual and normalization layers, "
                      "equations 6-9",
             .reference = "the authors' norm-analysis-of-transformer; not in Inseq"},
    .run = run,
    .cost = cost,
};
