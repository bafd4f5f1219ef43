/* An example of tinseq-step.h with the contrast's hidden state: half the squared distance of the
 * last states of the two, over the width. */
#include "methods/step_functions/tinseq-step.h"

static double value(const struct tinseq_step_view *v) {
    double sum = 0;
    for (int64_t k = 0; k < v->n_width; k++)
        sum += ((double)v->states[k] - v->contrast_states[k]) *
               ((double)v->states[k] - v->contrast_states[k]);
    return sum / (2 * (double)v->n_width);
}

static void derivative(const struct tinseq_step_view *v, const struct tinseq_step_gradient *out) {
    for (int64_t k = 0; k < v->n_width; k++) {
        out->states[k] = (v->states[k] - v->contrast_states[k]) / (float)v->n_width;
        out->contrast_states[k] = -out->states[k];
    }
}

const struct tinseq_step tinseq_step = {
    .abi = TINSEQ_STEP_ABI,
    .size = sizeof(struct tinseq_step),
    .name = "apart",
    .title = "Distance to the contrast",
    .formula = "|h − h′|² / 2D",
    .contrastive = 1,
    .summary = "How far the last hidden state is from the contrast's.",
    .states = TINSEQ_STEP_LAST_STATE,
    .value = value,
    .derivative = derivative,
};
