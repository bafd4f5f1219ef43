/*
 * Layer DeepLIFT. Shrikumar, Greenside and Kundaje 2017, "Learning important features through
 * propagating activation differences", equation 11: (a − a′) times the multipliers of what a
 * layer yields, a for the input and a′ for the baseline. The rule for non-linearities is that of
 * methods/gradients/deeplift.c. Reference: Captum's LayerDeepLift; Inseq 0.7.1 gives zeros, since
 * its baseline never reaches the model.
 */
#include "methods/engine/layer_run.h"

static const struct option_decl options[] = {
    LAYER_OPTIONS("null", "Which layers' outputs; without it the input embeddings."),
    {.name = "rescale_all",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Apply the rescale rule at every element-wise non-linearity (GELU, SiLU and its "
             "gates, the recurrence's gate), not only where Captum does: at ReLU, leaky ReLU, "
             "sigmoid and tanh."},
    {.name = "return_convergence_delta",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Add the step score deltas: how far the attributions' sum is from f with a less f "
             "with a′. Of one layer."},
};

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    const bool ruled = activation_is_of_modules(in->config->activation),
               all = option_bool(in->options, "rescale_all");
    struct layer_method m = {.id = "layer_deeplift",
                             .finish = layer_times_difference,
                             .baseline = true,
                             .deltas = option_bool(in->options, "return_convergence_delta"),
                             .rescale = ruled ? RESCALE_MODULES : RESCALE_NONE};
    if (all)
        m.rescale = RESCALE_ALL;
    return layer_run(out, in, &m, ctl, e);
}

static void cost(struct cost *c, const struct cost_input *in) {
    layer_cost(c, in, 0, true, false);
}

const struct method method_layer_deeplift = {
    .span = SPAN_LINEAR,
    .decl = {.id = "layer_deeplift",
             .title = "Layer DeepLIFT",
             .family = FAMILY_GRADIENT,
             .axes = AXES_TOKENS_WIDTH,
             .needs_attributed_fn = true,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "(a − a′) · m at what a layer yields for the input and for a baseline "
                        "of unknown tokens; m is the gradient with the slope of a ReLU replaced by "
                        "its Δout/Δin, elsewhere the plain derivative, unless rescale_all.",
             .paper = "Shrikumar et al. 2017, Learning important features through propagating "
                      "activation differences, equation 11, at a layer",
             .reference = "captum.attr.LayerDeepLift; Inseq's is zero everywhere"},
    .run = run,
    .cost = cost,
};
