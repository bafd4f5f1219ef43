/* Probabilities: the target's, the foil's, and how the two compare. */
#include "methods/step_functions/step_function.h"

#include <math.h>
#include <string.h>

static const struct option_decl options[] = {
    {.name = "logprob",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Take the natural logarithm of the probabilities."},
};

static double probability_value(const struct step_view *v) {
    return step_token_score(v->logits, v->n_vocab, v->target, option_bool(v->options, "logprob"));
}

static void probability_derivative(const struct step_view *v, float *out) {
    memset(out, 0, (size_t)v->n_vocab * sizeof *out);
    step_add_token_score(out, v->logits, v->n_vocab, v->target, option_bool(v->options, "logprob"),
                         1);
}

const struct step_function step_function_probability = {
    .decl = {.id = "probability",
             .title = "Probability",
             .formula = "p[y]",
             .unit = "probability",
             .span = "prod",
             .can_be_target = true,
             .options = options,
             .n_options = 1,
             .summary = "The probability of the target token, or its logarithm."},
    .value = probability_value,
    .derivative = probability_derivative,
};

static double difference_value(const struct step_view *v) {
    bool logprob = option_bool(v->options, "logprob");
    return step_token_score(v->logits, v->n_vocab, v->target, logprob) -
           step_token_score(v->contrast_logits, v->n_vocab, v->contrast, logprob);
}

/* factor · d score(q, y′) / d z′ alone. */
static void foil_derivative(const struct step_view *v, float *out, bool logprob, double factor) {
    memset(out, 0, (size_t)v->n_vocab * sizeof *out);
    step_add_token_score(out, v->contrast_logits, v->n_vocab, v->contrast, logprob, factor);
}

/* The derivative of factor_y · score(p, y) and, where both are of one array, factor_foil ·
 * score(q, y′). What cancels there, cancels exactly. */
static void both_derivative(const struct step_view *v, float *out, bool logprob, double factor_y,
                            double factor_foil) {
    memset(out, 0, (size_t)v->n_vocab * sizeof *out);
    if (v->contrast_logits == v->logits && v->contrast == v->target) {
        factor_y += factor_foil;
        factor_foil = 0;
    }
    if (factor_y != 0)
        step_add_token_score(out, v->logits, v->n_vocab, v->target, logprob, factor_y);
    if (v->contrast_logits == v->logits && factor_foil != 0)
        step_add_token_score(out, v->contrast_logits, v->n_vocab, v->contrast, logprob,
                             factor_foil);
}

static void difference_derivative(const struct step_view *v, float *out) {
    both_derivative(v, out, option_bool(v->options, "logprob"), 1, -1);
}
static void difference_foil(const struct step_view *v, float *out) {
    foil_derivative(v, out, option_bool(v->options, "logprob"), -1);
}

const struct step_function step_function_contrast_prob_diff = {
    .decl = {.id = "contrast_prob_diff",
             .title = "Probability difference to the foil",
             .formula = "p[y] − q[y′]",
             .unit = "probability",
             .span = "prod",
             .contrastive = true,
             .can_be_target = true,
             .options = options,
             .n_options = 1,
             .summary = "How much more probable the target token is than the foil, or the "
                        "difference of their logarithms."},
    .value = difference_value,
    .derivative = difference_derivative,
    .contrast_derivative = difference_foil,
};

static double contrast_value(const struct step_view *v) {
    return step_token_score(v->contrast_logits, v->n_vocab, v->contrast,
                            option_bool(v->options, "logprob"));
}
static void contrast_derivative(const struct step_view *v, float *out) {
    both_derivative(v, out, option_bool(v->options, "logprob"), 0, 1);
}
static void contrast_foil(const struct step_view *v, float *out) {
    foil_derivative(v, out, option_bool(v->options, "logprob"), 1);
}

const struct step_function step_function_contrast_prob = {
    .decl = {.id = "contrast_prob",
             .title = "Probability of the foil",
             .formula = "q[y′]",
             .unit = "probability",
             .span = "prod",
             .contrastive = true,
             .can_be_target = true,
             .options = options,
             .n_options = 1,
             .summary = "The probability of the foil in the contrast, or its logarithm."},
    .value = contrast_value,
    .derivative = contrast_derivative,
    .contrast_derivative = contrast_foil,
};

static double log_ratio(const struct step_view *v) {
    return step_token_score(v->logits, v->n_vocab, v->target, true) -
           step_token_score(v->contrast_logits, v->n_vocab, v->contrast, true);
}

static double pcxmi_value(const struct step_view *v) {
    return -log_ratio(v) / log(2);
}
static void pcxmi_derivative(const struct step_view *v, float *out) {
    both_derivative(v, out, true, -1 / log(2), 1 / log(2));
}
static void pcxmi_foil(const struct step_view *v, float *out) {
    foil_derivative(v, out, true, 1 / log(2));
}

const struct step_function step_function_pcxmi = {
    .decl = {.id = "pcxmi",
             .title = "Pointwise conditional cross-mutual information",
             .formula = "−log2(p[y] / q[y′])",
             .unit = "bits",
             .span = "sum",
             .contrastive = true,
             .can_be_target = true,
             .summary = "Negative where the context makes the token more likely: Inseq's sign, "
                        "which is the opposite of the paper's (Yin et al. 2021)."},
    .value = pcxmi_value,
    .derivative = pcxmi_derivative,
    .contrast_derivative = pcxmi_foil,
};

static double pvi_value(const struct step_view *v) {
    return -log_ratio(v);
}
static void pvi_derivative(const struct step_view *v, float *out) {
    both_derivative(v, out, true, -1, 1);
}
static void pvi_foil(const struct step_view *v, float *out) {
    foil_derivative(v, out, true, 1);
}

const struct step_function step_function_in_context_pvi = {
    .decl = {.id = "in_context_pvi",
             .title = "In-context pointwise usable information",
             .formula = "log q[y′] − log p[y]",
             .unit = "nats",
             .contrastive = true,
             .can_be_target = true,
             .summary = "How much less likely the token is with its context than the foil in the "
                        "contrast (Lu et al. 2023): pcxmi in nats."},
    .value = pvi_value,
    .derivative = pvi_derivative,
    .contrast_derivative = pvi_foil,
};
