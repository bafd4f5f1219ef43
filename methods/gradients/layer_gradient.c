/*
 * The plain gradient with respect to what layers yield, of all asked layers in one walk backwards.
 * Simonyan et al. 2014, "Deep inside convolutional networks", taken inside the model.
 */
#include "methods/engine/layer_run.h"

static const struct option_decl options[] = {
    LAYER_OPTIONS("null", "Which layers' outputs; without it the input embeddings.")};

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    return layer_run(out, in, &(struct layer_method){.id = "layer_gradient"}, ctl, e);
}

static void cost(struct cost *c, const struct cost_input *in) {
    layer_cost(c, in, 0, false, false);
}

const struct method method_layer_gradient = {
    .span = SPAN_LINEAR,
    .decl = {.id = "layer_gradient",
             .title = "Layer gradient",
             .family = FAMILY_GRADIENT,
             .axes = AXES_TOKENS_WIDTH,
             .needs_attributed_fn = true,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "∂f/∂a, where a is what a layer yields at a token's position; several "
                        "layers together give [rows, G, layers, width].",
             .paper = "Simonyan et al. 2014, Deep inside convolutional networks, section 3",
             .reference = "torch.autograd.grad at the module's output; not in Inseq"},
    .run = run,
    .cost = cost,
};
