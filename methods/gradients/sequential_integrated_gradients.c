/*
 * Sequential integrated gradients. Enguehard 2023, "Sequential integrated gradients: a simple but
 * effective method for explaining language models", equation 3: for each token alone, integrated
 * gradients along the line from its baseline to itself while the other tokens stay as they are.
 * Reference: the author's time_interpret (tint/attr/seq_ig.py), as Inseq 0.7.1 has adapted it.
 * Unlike there, source and target tokens move one at a time where both are attributed (Inseq moves
 * the i-th of both together, and needs as many of each), and contrast targets work.
 */
#include "methods/engine/path_gradient.h"
#include "methods/engine/quadrature.h"

#include "backend/base/mem.h"

#include <stdlib.h>

static const struct option_decl options[] = {
    {.name = "n_steps",
     .type = OPTION_INT,
     .default_value = "50",
     .minimum = 1,
     .maximum = 10000,
     .unit = "points",
     .help = "Points of every token's path at which the gradient is taken."},
    {.name = "method",
     .type = OPTION_CHOICE,
     .default_value = "gausslegendre",
     .choices = quadrature_rules,
     .help = "The rule that approximates the integral."},
    {.name = "return_convergence_delta",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Add the step score deltas: how far the attributions' sum is from f(x) − f(x′). "
             "It need not be small: tokens move one at a time."},
    {.name = "internal_batch_size",
     .type = OPTION_INT,
     .default_value = "50",
     .minimum = 1,
     .maximum = 100000,
     .unit = "points",
     .help = "Accepted for Inseq's sake; batches are cut to fit the memory budget and do not "
             "change the result."},
    {.name = "multiply_by_inputs",
     .type = OPTION_BOOL,
     .default_value = "true",
     .help = "Multiply the averaged gradient with x − x′ (in Inseq an argument of load_model)."},
};

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    const int64_t n = option_int(in->options, "n_steps");
    double *alpha = mem_alloc((size_t)n * sizeof *alpha),
           *weight = mem_alloc((size_t)n * sizeof *weight);
    enum err_code code = quadrature_place(option_text(in->options, "method"), n, alpha, weight, e);
    struct path lines = {
        .n = n, .alpha = alpha, .weight = weight, .from_baseline = true, .one_by_one = true};
    if (code)
        goto out;
    code = path_gradient_run(out, in, &lines,
                             option_bool(in->options, "multiply_by_inputs") ? path_times_difference
                                                                            : NULL,
                             option_bool(in->options, "return_convergence_delta"), ctl, e);
out:
    free(alpha);
    free(weight);
    return code;
}

static void cost(struct cost *c, const struct cost_input *in) {
    double tokens =
        (double)cost_rows(in) - (in->config->encoder_decoder && !in->attribute_target ? 0 : 1);
    path_gradient_cost(c, in, (int64_t)((double)option_int(in->options, "n_steps") * tokens), true,
                       option_bool(in->options, "return_convergence_delta"));
}

const struct method method_sequential_integrated_gradients = {
    .span = SPAN_LINEAR,
    .columns = COLUMNS_PICKED,
    .decl = {.id = "sequential_integrated_gradients",
             .title = "Sequential integrated gradients",
             .family = FAMILY_GRADIENT,
             .axes = AXES_TOKENS_WIDTH,
             .needs_attributed_fn = true,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "For each token i: (xᵢ − x′ᵢ) · ∫ ∂f/∂xᵢ along the line "
                        "from its baseline to itself, the other tokens unchanged; a token's sum is "
                        "what f loses when it alone is replaced.",
             .paper = "Enguehard 2023, Sequential integrated gradients, equation 3",
             .reference = "time_interpret's SequentialIntegratedGradients; equal to Inseq's; "
                          "source and target tokens move one at a time, and contrast targets work"},
    .run = run,
    .cost = cost,
};
