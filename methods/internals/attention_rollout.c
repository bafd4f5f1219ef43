/*
 * Attention rollout. Abnar and Zuidema 2020, "Quantifying attention flow in Transformers", equation
 * 1: the attention matrices of all layers multiplied, each mixed with the identity for the
 * residual. In an encoder-decoder a decoder block first mixes its self-attention and then its
 * cross-attention. Reference: the authors' attention_flow repository (heads averaged, 0.5 A + 0.5
 * I); decoders of encoder-decoders as Ferrando et al. 2022 join them.
 */
#include "methods/engine/mixing.h"
#include "methods/internals/attention_mix.h"

static const struct option_decl options[] = {ATTENTION_MIX_OPTIONS};

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct attention_mix mix;
    enum err_code code = attention_mix_read(&mix, in, "attention_rollout", e);
    struct rollout_method m = {.row = attention_mix_row, .user = &mix, .weights_only = true};
    if (code)
        return code;
    return mixing_rollout(out, in, &m, ctl, e);
}

static void cost(struct cost *c, const struct cost_input *in) {
    mixing_cost(c, in, MIXING_WEIGHTS, 1);
}

const struct method method_attention_rollout = {
    .columns = COLUMNS_TOGETHER,
    .decl = {.id = "attention_rollout",
             .title = "Attention rollout",
             .family = FAMILY_INTERNALS,
             .axes = AXES_TOKENS,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary =
                 "The product over layers of ½A + ½I, A the attention weights averaged "
                 "over heads: what the predicting position takes from each token. Sums to 1.",
             .paper =
                 "Abnar and Zuidema 2020, Quantifying attention flow in Transformers, equation 1",
             .reference = "the authors' attention_flow; not in Inseq"},
    .run = run,
    .cost = cost,
};
