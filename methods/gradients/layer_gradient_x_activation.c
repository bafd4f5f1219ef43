/*
 * Layer gradient × activation. Shrikumar et al. 2016, "Not just a black box", applied to what a
 * layer yields: the first-order share of each of its dimensions. Reference: Captum's
 * LayerGradientXActivation as Inseq 0.7.1 calls it, one layer a run; here all layers come from one
 * walk backwards.
 */
#include "methods/engine/layer_run.h"

static const struct option_decl options[] = {
    LAYER_OPTIONS("null", "Which layers' outputs; without it the input embeddings, as in Inseq.")};

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    return layer_run(out, in,
                     &(struct layer_method){.id = "layer_gradient_x_activation",
                                            .finish = layer_times_activation},
                     ctl, e);
}

static void cost(struct cost *c, const struct cost_input *in) {
    layer_cost(c, in, 0, false, false);
}

const struct method method_layer_gradient_x_activation = {
    .span = SPAN_LINEAR,
    .decl = {.id = "layer_gradient_x_activation",
             .title = "Layer gradient × activation",
             .family = FAMILY_GRADIENT,
             .axes = AXES_TOKENS_WIDTH,
             .needs_attributed_fn = true,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "a · ∂f/∂a, where a is what a layer yields at a token's position; "
                        "several layers together give [rows, G, layers, width].",
             .paper = "Shrikumar et al. 2016, Not just a black box",
             .reference = "captum.attr.LayerGradientXActivation; equal to Inseq's, whose "
                          "target_layer is layers, module and stack here"},
    .run = run,
    .cost = cost,
};
