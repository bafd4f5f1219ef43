/*
 * Saliency. Simonyan, Vedaldi and Zisserman 2014, "Deep inside convolutional networks", section 3:
 * the magnitude of the gradient at the input. Reference: Captum's Saliency as Inseq 0.7.1 calls it
 * (absolute values).
 */
#include "methods/engine/path_gradient.h"

#include <math.h>

static void finish(float *sum, const float *x, const float *baseline, int64_t width) {
    (void)x, (void)baseline;
    for (int64_t k = 0; k < width; k++)
        sum[k] = fabsf(sum[k]);
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    static const double one = 1;
    struct path here = {.n = 1, .alpha = &one, .weight = &one};
    return path_gradient_run(out, in, &here, in->span ? NULL : finish, false, ctl, e);
}

static void cost(struct cost *c, const struct cost_input *in) {
    path_gradient_cost(c, in, 1, false, false);
}

const struct method method_saliency = {
    .span = SPAN_MAGNITUDE,
    .columns = COLUMNS_PICKED,
    .decl = {.id = "saliency",
             .title = "Saliency",
             .family = FAMILY_GRADIENT,
             .axes = AXES_TOKENS_WIDTH,
             .needs_attributed_fn = true,
             .summary = "|∂f/∂x|: how strongly the score reacts to a small change of each "
                        "token's embedding, whichever way.",
             .paper = "Simonyan et al. 2014, Deep inside convolutional networks, section 3",
             .reference = "captum.attr.Saliency; equal to Inseq's"},
    .first_column_is_cheap = true,
    .run = run,
    .cost = cost,
};
