/*
 * The entropy of the next-token distribution, the cross-entropy of the target, and its perplexity.
 * Inseq raises 2, not e, to the cross-entropy in nats; kept, so that files agree.
 */
#include "methods/step_functions/step_function.h"

#include <math.h>

static double entropy_value(const struct step_view *v) {
    double log_sum = step_log_sum(v->logits, v->n_vocab), sum = 0;
    for (int64_t i = 0; i < v->n_vocab; i++) {
        double log_p = v->logits[i] - log_sum;
        double p = exp(log_p);
        sum -= p > 0 ? p * log_p : 0;
    }
    return sum;
}

/* d H / d z_i = −p_i (log p_i + H). */
static void entropy_derivative(const struct step_view *v, float *out) {
    double log_sum = step_log_sum(v->logits, v->n_vocab), entropy = entropy_value(v);
    for (int64_t i = 0; i < v->n_vocab; i++) {
        double log_p = v->logits[i] - log_sum;
        double p = exp(log_p);
        out[i] = p > 0 ? (float)(-p * (log_p + entropy)) : 0;
    }
}

const struct step_function step_function_entropy = {
    .decl = {.id = "entropy",
             .title = "Entropy",
             .formula = "−Σ p log p",
             .unit = "nats",
             .span = "sum",
             .can_be_target = true,
             .summary = "How undecided the model is about the next token, whichever it is."},
    .value = entropy_value,
    .derivative = entropy_derivative,
};

static double crossentropy_value(const struct step_view *v) {
    return step_log_sum(v->logits, v->n_vocab) - v->logits[v->target];
}

static void scaled_crossentropy_derivative(const struct step_view *v, float *out, double factor) {
    for (int64_t i = 0; i < v->n_vocab; i++)
        out[i] = 0;
    step_add_softmax(out, v->logits, v->n_vocab, factor);
    out[v->target] -= (float)factor;
}

static void crossentropy_derivative(const struct step_view *v, float *out) {
    scaled_crossentropy_derivative(v, out, 1);
}

const struct step_function step_function_crossentropy = {
    .decl = {.id = "crossentropy",
             .title = "Cross-entropy",
             .formula = "−log p[y]",
             .unit = "nats",
             .span = "sum",
             .can_be_target = true,
             .summary = "How surprised the model is by the target token."},
    .value = crossentropy_value,
    .derivative = crossentropy_derivative,
};

static double perplexity_value(const struct step_view *v) {
    return exp2(crossentropy_value(v));
}

static void perplexity_derivative(const struct step_view *v, float *out) {
    scaled_crossentropy_derivative(v, out, log(2) * perplexity_value(v));
}

const struct step_function step_function_perplexity = {
    .decl = {.id = "perplexity",
             .title = "Perplexity",
             .formula = "2^crossentropy",
             .unit = "tokens",
             .span = "prod",
             .can_be_target = true,
             .summary = "2 to the cross-entropy of the target token; Inseq's base, although the "
                        "cross-entropy is in nats."},
    .value = perplexity_value,
    .derivative = perplexity_derivative,
};
