/*
 * GlobEnc. Modarressi et al. 2022, "GlobEnc: quantifying global token attribution by incorporating
 * the whole encoder layer in Transformers", equations 8 to 11: the norm of each token's vector in a
 * whole block's output, through both norms and both residuals but not the feed-forward layer, as
 * shares of 1, multiplied over layers. Reference: the authors' GlobEnc repository (N_ENC with
 * rollout), which multiplies the norms as they are: normalise_rows false, where the product becomes
 * shares of 1, for norms of many layers outgrow all numbers. Where a block yields no
 * norm (Llama, GPT-2), its sum is what is measured; a norm on attention's branch is held at the
 * row's statistics.
 */
#include "methods/engine/mixing.h"

#include "backend/base/mem.h"

#include <stdlib.h>

static const struct option_decl options[] = {
    {.name = "normalise_rows",
     .type = OPTION_BOOL,
     .default_value = "true",
     .help = "Make every row of a layer sum to 1 before layers are multiplied; false multiplies "
             "the norms as they are, as the authors' code does, and shares out the product."},
};

static enum err_code row(const struct rollout_view *v, int64_t i, float *own, float *source,
                         struct err *e) {
    const int64_t d = v->self->width, n = parts_keys(v->self, i),
                  n_source = v->cross ? v->cross->n_key : 0;
    const bool *normalise = v->user;
    float *vectors = mem_alloc((size_t)((n + n_source) * d) * sizeof *vectors);
    double sum = 0;
    enum err_code code =
        mixing_block_shares(v, i, false, vectors, n_source ? vectors + n * d : NULL, e);
    for (int64_t j = 0; j < n + n_source; j++) {
        float *to = j < n ? &own[j] : &source[j - n];
        *to = (float)norm_l2(vectors + j * d, d);
        sum += *to;
    }
    for (int64_t j = 0; *normalise && j < n + n_source && sum > 0; j++) {
        float *to = j < n ? &own[j] : &source[j - n];
        *to = (float)(*to / sum);
    }
    free(vectors);
    return code;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    bool normalise = option_bool(in->options, "normalise_rows");
    struct rollout_method m = {.row = row, .user = &normalise, .share_columns = !normalise};
    return mixing_rollout(out, in, &m, ctl, e);
}

static void cost(struct cost *c, const struct cost_input *in) {
    mixing_cost(c, in, MIXING_ALL_SHARES, 1);
}

const struct method method_globenc = {
    .columns = COLUMNS_TOGETHER,
    .decl = {.id = "globenc",
             .title = "GlobEnc",
             .family = FAMILY_INTERNALS,
             .axes = AXES_TOKENS,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "‖each token's vector in a block's output‖₂ through attention, residuals "
                        "and norms, without the feed-forward layer, as shares of 1 "
                        "(normalise_rows), multiplied "
                        "over layers.",
             .paper = "Modarressi et al. 2022, GlobEnc, equations 8-11",
             .reference = "the authors' GlobEnc, whose code multiplies the norms as they are "
                          "(normalise_rows false); not in Inseq"},
    .run = run,
    .cost = cost,
};
