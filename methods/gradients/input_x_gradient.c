/*
 * Input × gradient. Shrikumar et al. 2016, "Not just a black box", and Denil et al. 2014: the
 * first-order share of each embedding dimension in the score. Reference: Captum's InputXGradient.
 */
#include "methods/engine/path_gradient.h"

static void finish(float *sum, const float *x, const float *baseline, int64_t width) {
    (void)baseline;
    for (int64_t k = 0; k < width; k++)
        sum[k] *= x[k];
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    static const double one = 1;
    struct path here = {.n = 1, .alpha = &one, .weight = &one};
    return path_gradient_run(out, in, &here, finish, false, ctl, e);
}

static void cost(struct cost *c, const struct cost_input *in) {
    path_gradient_cost(c, in, 1, false, false);
}

const struct method method_input_x_gradient = {
    .span = SPAN_LINEAR,
    .columns = COLUMNS_PICKED,
    .decl = {.id = "input_x_gradient",
             .title = "Input × gradient",
             .family = FAMILY_GRADIENT,
             .axes = AXES_TOKENS_WIDTH,
             .needs_attributed_fn = true,
             .summary = "x · ∂f/∂x: the gradient weighted by the embedding itself; its sum "
                        "over a token's dimensions has a sign.",
             .paper = "Shrikumar et al. 2016, Not just a black box",
             .reference = "captum.attr.InputXGradient; equal to Inseq's"},
    .first_column_is_cheap = true,
    .run = run,
    .cost = cost,
};
