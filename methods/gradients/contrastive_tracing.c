/*
 * Contrastive attribution tracing. Sarti et al. 2023, "Inseq: an interpretability toolkit for
 * sequence generation models", section 4.2: which layers' states at which tokens move the model
 * from the foil to the target. Gradient × activation of every layer, summed over the width, of
 * contrast_prob_diff. Reference: the paper's, which runs layer_gradient_x_activation once for each
 * layer; here all come from one walk backwards.
 */
#include "methods/engine/layer_run.h"

static const struct option_decl options[] = {LAYER_OPTIONS("\"all\"", "Which layers' outputs.")};

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    return layer_run(out, in,
                     &(struct layer_method){.id = "contrastive_tracing",
                                            .finish = layer_times_activation,
                                            .summed = true},
                     ctl, e);
}

static void cost(struct cost *c, const struct cost_input *in) {
    layer_cost(c, in, 0, false, true);
}

const struct method method_contrastive_tracing = {
    .span = SPAN_LINEAR,
    .decl = {.id = "contrastive_tracing",
             .title = "Contrastive attribution tracing",
             .family = FAMILY_GRADIENT,
             .axes = AXES_TOKENS_LAYERS,
             .needs_attributed_fn = true,
             .default_attributed_fn = "contrast_prob_diff",
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "Σ a · ∂f/∂a over the width of what each layer yields at each token: "
                        "a map of tokens × layers. Without -fn, f is p[y] − p[y′], so that it "
                        "shows where the model decides for the target against a contrast text.",
             .paper =
                 "Sarti et al. 2023, Inseq, section 4.2; compare causal tracing, Meng et al. 2022",
             .reference =
                 "the sum over the width of captum.attr.LayerGradientXActivation, layer by layer"},
    .run = run,
    .cost = cost,
};
