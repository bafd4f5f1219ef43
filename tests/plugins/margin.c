/* An example of tinseq-step.h, built and used by the tests: by how much the target's logit exceeds
 * the contrast's, to a power, its sign kept. */
#include "methods/step_functions/tinseq-step.h"

#include <math.h>

static double margin(const struct tinseq_step_view *v) {
    return (double)v->logits[v->target] - v->contrast_logits[v->contrast];
}

static double value(const struct tinseq_step_view *v) {
    return copysign(pow(fabs(margin(v)), v->arguments[0]), margin(v));
}

static double slope(const struct tinseq_step_view *v) {
    return v->arguments[0] * pow(fabs(margin(v)), v->arguments[0] - 1);
}

static void derivative(const struct tinseq_step_view *v, const struct tinseq_step_gradient *out) {
    out->logits[v->target] = (float)slope(v);
    out->contrast_logits[v->contrast] = -(float)slope(v);
}

static const struct tinseq_step_option options[] = {{"power", 1, 1, 8, "The power of the margin."}};

const struct tinseq_step tinseq_step = {
    .abi = TINSEQ_STEP_ABI,
    .size = sizeof(struct tinseq_step),
    .name = "margin",
    .title = "Margin",
    .formula = "(z[y] − z′[y′])^power",
    .unit = "logits",
    .summary = "By how much the target's logit exceeds the foil's, to a power.",
    .span = "sum",
    .contrastive = 1,
    .options = options,
    .n_options = 1,
    .value = value,
    .derivative = derivative,
};
