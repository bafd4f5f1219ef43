/*
 * ALTI and ALTI+. Ferrando, Gállego and Costa-jussà 2022, "Measuring the mixing of contextual
 * information in the Transformer", equations 4 to 10: an attention's output is split into what each
 * token gave (the residual with it, the norm after it held at the row's statistics), and a token's
 * part is how near its vector is to the whole, max(0, ‖y‖₁ − ‖y − T(x_j)‖₁). Layers
 * are multiplied. Ferrando et al. 2022, "Towards opening the black box of neural machine
 * translation" (ALTI+): a decoder's cross-attention splits into the source's vectors and its
 * residual, which the self-attention's parts share. Reference: the authors'
 * transformer-contributions repositories; ALTI+'s takes the unbiased variance in the layer norm
 * (over D − 1), here it is the model's own (over D). Values keep their bias; the output map's bias
 * is in y alone. A norm on attention's branch (Gemma 2, OLMo 2), which no model of the papers has,
 * is held at the row's statistics as the one after the sum is, and its shift is in y alone.
 */
#include "methods/internals/alti.h"
#include "methods/engine/mixing.h"

#include "backend/base/mem.h"

#include <stdlib.h>

static enum err_code attention_row(const struct attention_parts *p, int64_t i, float *out,
                                   struct err *e) {
    const int64_t d = p->width, n = parts_n_shares(p, i);
    float *shares = malloc((size_t)(n * d) * sizeof *shares),
          *sum = mem_alloc((size_t)(2 * d) * sizeof *sum);
    if (shares) {
        parts_sum(p, i, sum);
        parts_shares(p, i, shares);
        parts_norm_shares(p, sum, shares, n);
        parts_output(p, sum, sum + d);
        mixing_proximity(shares, n, sum + d, d, out);
    }
    enum err_code code =
        shares
            ? ERR_OK
            : err_set(e, ERR_NOMEM, "out of memory for the %lld shares of one token", (long long)n);
    free(sum);
    free(shares);
    return code;
}

enum err_code alti_row(const struct rollout_view *v, int64_t i, float *own, float *source,
                       struct err *e) {
    enum err_code code = attention_row(v->self, i, own, e);
    if (code || !v->cross)
        return code;
    const int64_t n = v->cross->n_key;
    float *both = mem_alloc((size_t)(n + 1) * sizeof *both);
    code = attention_row(v->cross, i, both, e);
    for (int64_t j = 0; j < parts_keys(v->self, i); j++)
        own[j] *= both[n];
    for (int64_t j = 0; j < n; j++)
        source[j] = both[j];
    free(both);
    return code;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct rollout_method m = {.row = alti_row};
    return mixing_rollout(out, in, &m, ctl, e);
}

static void cost(struct cost *c, const struct cost_input *in) {
    mixing_cost(c, in, MIXING_ALL_SHARES, 1);
}

const struct method method_alti = {
    .columns = COLUMNS_TOGETHER,
    .decl = {.id = "alti",
             .title = "ALTI+",
             .family = FAMILY_INTERNALS,
             .axes = AXES_TOKENS,
             .summary =
                 "Each attention's output as a sum of one vector a token; a token's part is max(0, "
                 "‖y‖₁ − ‖y − T(x_j)‖₁) as a share of 1; parts multiplied over "
                 "layers. Source and target together sum to 1.",
             .paper = "Ferrando et al. 2022, Measuring the mixing of contextual information in the "
                      "Transformer, equations 4-10; ALTI+: Ferrando et al. 2022, Towards opening "
                      "the black box of neural machine translation",
             .reference = "the authors' repositories; not in Inseq. ALTI+'s authors take the "
                          "unbiased variance in the layer norm (over D − 1), here it is the "
                          "model's (over D). A norm between attention and its sum is held at the "
                          "row's statistics. A recurrent decoder's inputs count as attended to by "
                          "its gates"},
    .run = run,
    .cost = cost,
};
