/*
 * Layer integrated gradients. Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep
 * networks", equations 1 and 3, along the straight line from what a layer yields for the baseline
 * (a′) to what it yields for the input (a), everything else at the input; its sum is f with a
 * less f with a′. Reference: Captum's LayerIntegratedGradients; Inseq 0.7.1 gives zeros, since
 * its baseline never reaches the model.
 */
#include "methods/engine/layer_run.h"

#include "backend/base/mem.h"
#include "methods/engine/quadrature.h"

#include <stdlib.h>

static const struct option_decl options[] = {
    LAYER_OPTIONS("null",
                  "Which layers' outputs, each on its own; without it the input embeddings."),
    {.name = "n_steps",
     .type = OPTION_INT,
     .default_value = "50",
     .minimum = 1,
     .maximum = 10000,
     .unit = "points",
     .help = "Points of the line at which the gradient is taken."},
    {.name = "method",
     .type = OPTION_CHOICE,
     .default_value = "gausslegendre",
     .choices = quadrature_rules,
     .help = "The rule that approximates the integral."},
    {.name = "return_convergence_delta",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Add the step score deltas: how far the attributions' sum is from f with a less f "
             "with a′. Of one layer."},
    {.name = "internal_batch_size",
     .type = OPTION_INT,
     .default_value = "50",
     .minimum = 1,
     .maximum = 100000,
     .unit = "points",
     .help = "Accepted for Inseq's sake; batches are cut to fit the memory budget and do not "
             "change the result."},
};

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    const int64_t n = option_int(in->options, "n_steps");
    double *alpha = mem_alloc((size_t)n * sizeof *alpha),
           *weight = mem_alloc((size_t)n * sizeof *weight);
    struct layer_method m = {.id = "layer_integrated_gradients",
                             .finish = layer_times_difference,
                             .baseline = true,
                             .n_points = n,
                             .alpha = alpha,
                             .weight = weight,
                             .deltas = option_bool(in->options, "return_convergence_delta")};
    enum err_code code = quadrature_place(option_text(in->options, "method"), n, alpha, weight, e);
    if (code)
        goto out;
    code = layer_run(out, in, &m, ctl, e);
out:
    free(alpha);
    free(weight);
    return code;
}

static void cost(struct cost *c, const struct cost_input *in) {
    layer_cost(c, in, option_int(in->options, "n_steps"), true, false);
}

const struct method method_layer_integrated_gradients = {
    .span = SPAN_LINEAR,
    .decl = {.id = "layer_integrated_gradients",
             .title = "Layer integrated gradients",
             .family = FAMILY_GRADIENT,
             .axes = AXES_TOKENS_WIDTH,
             .needs_attributed_fn = true,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "(a − a′) · ∫ ∂f/∂a along the line between what a layer yields "
                        "for a baseline of unknown tokens and for the input.",
             .paper = "Sundararajan et al. 2017, Axiomatic attribution for deep networks, "
                      "equations 1 and 3, at a layer",
             .reference = "captum.attr.LayerIntegratedGradients; Inseq's is zero everywhere"},
    .run = run,
    .cost = cost,
};
