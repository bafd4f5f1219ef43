/*
 * How far the target's probability is from what the model says under dropout, in standard
 * deviations of it: Gal and Ghahramani 2016, "Dropout as a Bayesian approximation". Reference:
 * Inseq 0.7.1, mc_dropout_prob_avg_fn, which leaves training mode on, so that its later "noiseless"
 * probabilities are noisy.
 */
#include "methods/step_functions/step_function.h"

#include <math.h>
#include <string.h>

static const struct option_decl options[] = {
    {.name = "n_mcd_steps",
     .type = OPTION_INT,
     .default_value = "5",
     .minimum = 2,
     .maximum = 1000,
     .unit = "passes",
     .help = "How many passes with dropout."},
    {.name = "logprob",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Take the natural logarithm of the probabilities."},
    {.name = "seed",
     .type = OPTION_INT,
     .default_value = "0",
     .minimum = 0,
     .maximum = 1e9,
     .help = "Which random numbers: the same seed, the same passes."},
    {.name = "dropout",
     .type = OPTION_FLOAT,
     .default_value = "0",
     .minimum = 0,
     .maximum = 0.9,
     .help = "The rate, of what enters the first block, of attention weights and of what blocks "
             "add; 0: the model's own rates, which many models have none of."},
};

/* Mean and standard deviation (over n − 1) of the noisy scores. */
static void moments(const struct step_view *v, bool logprob, double *mean, double *deviation) {
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < v->n_noisy; i++)
        sum += logprob ? v->noisy[i] : exp(v->noisy[i]);
    *mean = sum / (double)v->n_noisy;
    for (int64_t i = 0; i < v->n_noisy; i++) {
        double d = (logprob ? v->noisy[i] : exp(v->noisy[i])) - *mean;
        squares += d * d;
    }
    *deviation = sqrt(squares / (double)(v->n_noisy - 1));
}

static double value(const struct step_view *v) {
    bool logprob = option_bool(v->options, "logprob");
    double mean, deviation;
    moments(v, logprob, &mean, &deviation);
    return (step_token_score(v->logits, v->n_vocab, v->target, logprob) - mean) / deviation;
}

/* The noisy passes are held. */
static void derivative(const struct step_view *v, float *out) {
    bool logprob = option_bool(v->options, "logprob");
    double mean, deviation;
    moments(v, logprob, &mean, &deviation);
    memset(out, 0, (size_t)v->n_vocab * sizeof *out);
    step_add_token_score(out, v->logits, v->n_vocab, v->target, logprob, 1 / deviation);
}

const struct step_function step_function_mc_dropout_prob_avg = {
    .decl = {.id = "mc_dropout_prob_avg",
             .title = "Probability against dropout",
             .formula = "(p[y] − mean) / std",
             .unit = "deviations",
             .span = "prod",
             .can_be_target = true,
             .options = options,
             .n_options = 4,
             .summary = "The target's probability minus its mean under dropout, in standard "
                        "deviations; NaN for a model without dropout, unless a rate is given. Its "
                        "gradient holds the noisy passes fixed."},
    .value = value,
    .derivative = derivative,
    .noisy = true,
    .may_be_none = true,
    .why_none = "the passes with dropout do not differ (most models have none: the option dropout "
                "gives it a rate)",
};
