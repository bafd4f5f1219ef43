/* The target's probability, and its difference to the foil's. */
#include "methods/step_functions/step_function.h"

#include <math.h>
#include <string.h>

static const struct option_decl options[] = {
    {.name = "logprob", .type = OPTION_BOOL, .default_value = "false", .help = "Take the natural logarithm of the probabilities."},
};

/* log p or p of one token. */
static double score(const float *logits, int64_t n_vocab, int32_t token, bool logprob) {
    double log_p = logits[token] - step_log_sum(logits, n_vocab);
    return logprob ? log_p : exp(log_p);
}

/* out += sign · d score / d z = sign · (e_y − p), times p[y] unless it is the logarithm. */
static void add_derivative(float *out, const float *logits, int64_t n_vocab, int32_t token, bool logprob, double sign) {
    double factor = logprob ? sign : sign * score(logits, n_vocab, token, false);
    step_add_softmax(out, logits, n_vocab, -factor);
    out[token] += (float)factor;
}

static double probability_value(const struct step_view *v) { return score(v->logits, v->n_vocab, v->target, option_bool(v->options, "logprob")); }

static void probability_derivative(const struct step_view *v, float *out) {
    memset(out, 0, (size_t)v->n_vocab * sizeof *out);
    add_derivative(out, v->logits, v->n_vocab, v->target, option_bool(v->options, "logprob"), 1);
}

const struct step_function step_function_probability = {
    .decl = {.id = "probability", .title = "Probability", .formula = "p[y]", .unit = "probability", .can_be_target = true, .options = options, .n_options = 1,
             .summary = "The probability of the target token, or its logarithm."},
    .value = probability_value, .derivative = probability_derivative,
};

static double difference_value(const struct step_view *v) {
    bool logprob = option_bool(v->options, "logprob");
    return score(v->logits, v->n_vocab, v->target, logprob) - score(v->contrast_logits, v->n_vocab, v->contrast, logprob);
}

static void difference_derivative(const struct step_view *v, float *out) {
    bool logprob = option_bool(v->options, "logprob");
    memset(out, 0, (size_t)v->n_vocab * sizeof *out);
    add_derivative(out, v->logits, v->n_vocab, v->target, logprob, 1);
    if (v->contrast_logits == v->logits)
        add_derivative(out, v->contrast_logits, v->n_vocab, v->contrast, logprob, -1);
}

const struct step_function step_function_contrast_prob_diff = {
    .decl = {.id = "contrast_prob_diff", .title = "Probability difference to the foil", .formula = "p[y] − q[y′]", .unit = "probability", .contrastive = true,
             .can_be_target = true, .options = options, .n_options = 1,
             .summary = "How much more probable the target token is than the foil, or the difference of their logarithms."},
    .value = difference_value, .derivative = difference_derivative,
};
