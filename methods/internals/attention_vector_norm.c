/*
 * Attention times vector norm. Kobayashi et al. 2020, "Attention is not only a weight: analyzing
 * Transformers with vector norms", equations 5 and 6: ‖Σ_h α_h f_h(x_j)‖₂, f the value
 * (with its bias) through the head's part of the output map; or head by head. Reference: the
 * authors' norm-analysis-of-transformer repository. Where a norm stands on attention's branch
 * (Gemma 2, OLMo 2) the vector is what enters the sum, behind that norm, which is held at the row's
 * statistics; the paper's models have none.
 */
#include "methods/engine/mixing.h"

#include "backend/base/mem.h"

#include <stdlib.h>

static const struct option_decl options[] = {
    {.name = "per_head",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "One norm a head, ‖α_h f_h(x_j)‖, instead of the norm of their sum."},
};

static enum err_code row(const struct mixing_view *v, int64_t i, float *out, struct err *e) {
    const struct attention_parts *p = v->parts;
    const bool per_head = option_bool(v->g->in->options, "per_head");
    const int64_t n = parts_keys(p, i), cell = per_head ? p->n_heads : 1;
    float *moved = malloc((size_t)(n * p->width) * sizeof *moved);
    for (int64_t h = 0; h < cell && moved; h++) {
        parts_moved(p, i, per_head ? h : -1, moved);
        for (int64_t j = 0; j < n; j++)
            out[j * cell + h] = (float)norm_l2(moved + j * p->width, p->width);
    }
    free(moved);
    return moved ? ERR_OK
                 : err_set(e, ERR_NOMEM, "out of memory for what %lld tokens move", (long long)n);
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct mixing_method m = {.row = row,
                              .per_head = option_bool(in->options, "per_head"),
                              .decoder_self = true,
                              .encoder_self = true};
    if (m.per_head && !plan_has(&in->config->decoder, PART_ATTENTION) && in->attribute_target)
        return err_set(e, ERR_UNSUPPORTED,
                       "attention_vector_norm: this model's decoder is recurrent and has no heads; "
                       "leave per_head out");
    return mixing_layers(out, in, &m, ctl, e);
}

static void cost(struct cost *c, const struct cost_input *in) {
    mixing_cost(c, in, MIXING_SHARES,
                in->config->n_layers *
                    (option_bool(in->options, "per_head") ? in->config->n_heads : 1));
}

const struct method method_attention_vector_norm = {
    .columns = COLUMNS_TOGETHER,
    .decl = {.id = "attention_vector_norm",
             .title = "Attention × vector norm",
             .family = FAMILY_INTERNALS,
             .axes = AXES_TOKENS_LAYERS,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "‖Σ_h α_h f_h(x_j)‖₂ of every layer: the length of what attention "
                        "moves from each token to the predicting position.",
             .paper = "Kobayashi et al. 2020, Attention is not only a weight, equations 5 and 6",
             .reference = "the authors' norm-analysis-of-transformer; not in Inseq. A norm between "
                          "attention and its sum (Gemma 2, OLMo 2) is counted in, held at the "
                          "row's statistics"},
    .run = run,
    .cost = cost,
};
