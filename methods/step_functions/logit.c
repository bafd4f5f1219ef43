/* The target's logit, and the difference of the target's and the foil's: Yin and Neubig 2022,
 * "Interpreting language models with contrastive explanations", eq. 2. */
#include "methods/step_functions/step_function.h"

#include <string.h>

static double logit_value(const struct step_view *v) {
    return v->logits[v->target];
}

static void logit_derivative(const struct step_view *v, float *out) {
    memset(out, 0, (size_t)v->n_vocab * sizeof *out);
    out[v->target] = 1;
}

const struct step_function step_function_logit = {
    .decl = {.id = "logit",
             .title = "Logit",
             .formula = "z[y]",
             .unit = "logits",
             .can_be_target = true,
             .summary = "The unnormalised score of the target token."},
    .value = logit_value,
    .derivative = logit_derivative,
};

static double difference_value(const struct step_view *v) {
    return (double)v->logits[v->target] - v->contrast_logits[v->contrast];
}

static void difference_derivative(const struct step_view *v, float *out) {
    logit_derivative(v, out);
    if (v->contrast_logits == v->logits)
        out[v->contrast] -= 1;
}

static void difference_foil(const struct step_view *v, float *out) {
    memset(out, 0, (size_t)v->n_vocab * sizeof *out);
    out[v->contrast] = -1;
}

const struct step_function step_function_contrast_logits_diff = {
    .decl = {.id = "contrast_logits_diff",
             .title = "Logit difference to the foil",
             .formula = "z[y] − z′[y′]",
             .unit = "logits",
             .contrastive = true,
             .can_be_target = true,
             .summary = "How much more the model favours the target token than the foil: why this "
                        "word rather than that one."},
    .value = difference_value,
    .derivative = difference_derivative,
    .contrast_derivative = difference_foil,
};

static double contrast_value(const struct step_view *v) {
    return v->contrast_logits[v->contrast];
}

static void contrast_foil(const struct step_view *v, float *out) {
    memset(out, 0, (size_t)v->n_vocab * sizeof *out);
    out[v->contrast] = 1;
}

static void contrast_derivative(const struct step_view *v, float *out) {
    memset(out, 0, (size_t)v->n_vocab * sizeof *out);
    if (v->contrast_logits == v->logits)
        out[v->contrast] = 1;
}

const struct step_function step_function_contrast_logits = {
    .decl = {.id = "contrast_logits",
             .title = "Logit of the foil",
             .formula = "z′[y′]",
             .unit = "logits",
             .contrastive = true,
             .can_be_target = true,
             .summary = "The unnormalised score of the foil in the contrast."},
    .value = contrast_value,
    .derivative = contrast_derivative,
    .contrast_derivative = contrast_foil,
};
