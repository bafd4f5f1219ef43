/*
 * Step functions: what of the model's next-token distribution is scored at each generated token
 * (step scores) or differentiated (attributed function). Each is a value and its derivative with
 * respect to the logits, in closed form, on host arrays; sums run in double. Any thread.
 *
 * z logits, p = softmax(z), y the target; z′, q, y′ those of the contrast. Natural logarithms.
 * Reference: Inseq 0.7.1, attr/step_functions.py.
 */
#ifndef TINSEQ_METHODS_STEP_FUNCTION_H
#define TINSEQ_METHODS_STEP_FUNCTION_H

#include "methods/declare/options.h"
#include "methods/step_functions/tinseq-step.h"

#include <stdint.h>

/* What stands in a row of numbers for one step: logits [V] first; hidden states and another run's
 * logits, then states, where functions ask for them (step_sight.h). */
struct step_layout {
    int64_t n_row;       /* numbers in all */
    int64_t states, run; /* where the hidden states and the other run begin; 0: there are none */
    int64_t n_states, n_width; /* states [n_states, D], of the run too */
};

/* One step's distribution as a step function sees it. As an attribution target the contrast's
 * logits are the step's own (the original input is kept, only y′ changes), unless
 * contrast_force_inputs; as a step score they are those after the contrast text's own prefix.
 * Without a contrast, y′ = y, z′ = z. */
struct step_view {
    const float *logits;          /* [V] */
    const float *contrast_logits; /* [V]; may be the same array */
    int64_t n_vocab;
    int32_t target, contrast; /* y, y′ */
    const struct option_set *options;
    /* whose view this is; only those that carry `data` look at it */
    const struct step_function *function;
    /* [n_noisy] log p[y] of passes with dropout; only for functions that ask for them */
    const double *noisy;
    int64_t n_noisy;
    int64_t step; /* the column */
    /* What follows the logits in their rows, the contrast's alike; NULL: nothing. */
    const struct step_layout *layout;
};

struct step_function {
    struct step_function_decl decl;
    double (*value)(const struct step_view *v);
    /* d value / d z into out [V] (zero after it; a function that looks further in a row writes
     * there too), with z′ = z counted as the same variable when the arrays are the same, as a
     * constant otherwise. */
    void (*derivative)(const struct step_view *v, float *out);
    /* d value / d z′ into out [V], z held. NULL: it does not depend on z′. */
    void (*contrast_derivative)(const struct step_view *v, float *out);
    enum tinseq_step_states states;
    /* Makes another run of the model that the function wants; texts->arguments are set here. NULL:
     * none. Returns NULL or what is wrong. */
    const char *(*run)(const struct step_function *f, const struct option_set *options,
                       struct tinseq_step_texts *texts, struct tinseq_step_run *run);
    /* Its value may be no number though all logits are: a user's, and what divides by what may be
     * 0. */
    bool may_be_none;
    const char *why_none; /* why its value is no number; NULL: not known, or it always is one */
    int64_t n_vocab;      /* tokens that a vocabulary must have, where some are named by id */
    bool noisy;       /* wants option_int(n_mcd_steps) passes with dropout, by its options seed and
                         dropout */
    const void *data; /* of functions made from a text or a library */
};

static inline int64_t step_row(const struct step_view *v) {
    return v->layout ? v->layout->n_row : v->n_vocab;
}

/* log Σ exp of a row. */
double step_log_sum(const float *logits, int64_t n_vocab);
/* log p[y], or p[y], of a row; and out += factor · its derivative. */
double step_token_score(const float *logits, int64_t n_vocab, int32_t token, bool logprob);
void step_add_token_score(float *out, const float *logits, int64_t n_vocab, int32_t token,
                          bool logprob, double factor);
/* p[y] of a row. */
double step_probability(const float *logits, int64_t n_vocab, int32_t token);
/* out += factor · p, for all V. */
void step_add_softmax(float *out, const float *logits, int64_t n_vocab, double factor);

#endif
