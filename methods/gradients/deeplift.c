/*
 * DeepLIFT. Shrikumar, Greenside and Kundaje 2017, "Learning important features through propagating
 * activation differences", equation 11 (the rescale rule): (x − x′) · ∂f/∂x, where the
 * derivative of an element-wise non-linearity is its Δout/Δin between the input and the baseline.
 * Reference: Captum's DeepLift as Inseq 0.7.1 calls it, which knows the rule for PyTorch's own
 * modules only. In Transformers' models these are ReLU, leaky ReLU, sigmoid and tanh; GELU and SiLU
 * are functions there, or modules that Captum does not know, and get the plain derivative: without
 * any of those, the result is the gradient at x times x − x′. That is the default here, so that
 * numbers agree; rescale_all applies the rule as it was meant. Captum refuses a module that
 * several blocks share (the ReLU of OpenAI GPT), and among experts fails or takes one row for
 * another's baseline, since an expert has other rows of the input than of the baseline; here the
 * rule holds at each of them.
 */
#include "methods/engine/path_gradient.h"

#include <math.h>

static const struct option_decl options[] = {
    {.name = "rescale_all",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help =
         "Apply the rescale rule at every element-wise non-linearity (GELU, SiLU and its "
         "gates, the recurrence's gate), not only where Inseq does: at ReLU, leaky ReLU, sigmoid "
         "and tanh."},
    {.name = "return_convergence_delta",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Add the step score deltas: how far the attributions' sum is from f(x) − f(x′)."},
    {.name = "multiply_by_inputs",
     .type = OPTION_BOOL,
     .default_value = "true",
     .help = "Multiply with x − x′ (in Inseq an argument of load_model)."},
};

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    static const double alpha[2] = {1, 0}, weight[2] = {1, 0};
    const bool all = option_bool(in->options, "rescale_all");
    struct path here = {.n = 1, .alpha = alpha, .weight = weight, .needs_baseline = true};
    struct path against = {.n = 2,
                           .alpha = alpha,
                           .weight = weight,
                           .from_baseline = true,
                           .rescale = all ? RESCALE_ALL : RESCALE_MODULES};
    return path_gradient_run(
        out, in, all || activation_is_of_modules(in->config->activation) ? &against : &here,
        option_bool(in->options, "multiply_by_inputs") ? path_times_difference : NULL,
        option_bool(in->options, "return_convergence_delta"), ctl, e);
}

static void cost(struct cost *c, const struct cost_input *in) {
    bool rule =
        activation_is_of_modules(in->config->activation) || option_bool(in->options, "rescale_all");
    path_gradient_cost(c, in, 1, false, false);
    if (rule)
        cost_forwards(c, in, 1, 0);
    if (rule)
        cost_forward_bytes(c, in, 1, true);
    if (option_bool(in->options, "return_convergence_delta"))
        cost_forwards(c, in, 2 * ceil((double)in->n_steps / 10), 2 * (double)in->n_steps);
}

const struct method method_deeplift = {
    .span = SPAN_LINEAR,
    .columns = COLUMNS_PICKED,
    .decl = {.id = "deeplift",
             .title = "DeepLIFT",
             .family = FAMILY_GRADIENT,
             .axes = AXES_TOKENS_WIDTH,
             .needs_attributed_fn = true,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "(x − x′) · m, where m is the gradient at x with the slope of a ReLU "
                        "replaced by its Δout/Δin between input and baseline; elsewhere the "
                        "plain derivative, unless rescale_all.",
             .paper = "Shrikumar et al. 2017, Learning important features through propagating "
                      "activation differences, equation 11",
             .reference = "captum.attr.DeepLift; equal to Inseq's, and works with contrast "
                          "targets and where Captum fails: at a ReLU that blocks share and in "
                          "experts; rescale_all is ours"},
    .run = run,
    .cost = cost,
};
