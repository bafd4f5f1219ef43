/* An example of tinseq-step.h with the hidden states of all layers: how far they travel, the sum
 * over layers of |h(l) − h(l − 1)|² / 2D. */
#include "methods/step_functions/tinseq-step.h"

static double value(const struct tinseq_step_view *v) {
    double sum = 0;
    for (int64_t i = v->n_width; i < v->n_states * v->n_width; i++)
        sum += ((double)v->states[i] - v->states[i - v->n_width]) *
               ((double)v->states[i] - v->states[i - v->n_width]);
    return sum / (2 * (double)v->n_width);
}

static void derivative(const struct tinseq_step_view *v, const struct tinseq_step_gradient *out) {
    for (int64_t i = v->n_width; i < v->n_states * v->n_width; i++) {
        const float way = (v->states[i] - v->states[i - v->n_width]) / (float)v->n_width;
        out->states[i] += way;
        out->states[i - v->n_width] -= way;
    }
}

const struct tinseq_step tinseq_step = {
    .abi = TINSEQ_STEP_ABI,
    .size = sizeof(struct tinseq_step),
    .name = "depth",
    .title = "Way through the layers",
    .formula = "Σ |h(l) − h(l − 1)|² / 2D",
    .summary = "How far the hidden state at the step's position travels from layer to layer.",
    .states = TINSEQ_STEP_ALL_STATES,
    .value = value,
    .derivative = derivative,
};
