/* An example of tinseq-step.h with another run of the model: how much the first tokens of the
 * prompt (of the source, in an encoder-decoder) tell of each generated one, log p[y] − log q[y],
 * where q is what the model says without them; less, where asked for, how far its last hidden state
 * moves, weight · |h − h′|² / 2D. */
#include "methods/step_functions/tinseq-step.h"

#include <math.h>

enum { DROP, INSTEAD, WEIGHT };

static double log_sum(const float *z, int64_t n) {
    double most = z[0], sum = 0;
    for (int64_t i = 1; i < n; i++)
        most = z[i] > most ? z[i] : most;
    for (int64_t i = 0; i < n; i++)
        sum += exp(z[i] - most);
    return most + log(sum);
}

static double value(const struct tinseq_step_view *v) {
    double apart = 0;
    for (int64_t k = 0; k < v->n_width; k++)
        apart +=
            ((double)v->states[k] - v->run_states[k]) * ((double)v->states[k] - v->run_states[k]);
    return v->logits[v->target] - log_sum(v->logits, v->n_vocab) - v->run_logits[v->target] +
           log_sum(v->run_logits, v->n_vocab) -
           v->arguments[WEIGHT] * apart / (2 * (double)v->n_width);
}

static void derivative(const struct tinseq_step_view *v, const struct tinseq_step_gradient *out) {
    const double own = log_sum(v->logits, v->n_vocab), other = log_sum(v->run_logits, v->n_vocab);
    for (int64_t i = 0; i < v->n_vocab; i++) {
        out->logits[i] = (float)((i == v->target) - exp(v->logits[i] - own));
        out->run_logits[i] = (float)(exp(v->run_logits[i] - other) - (i == v->target));
    }
    for (int64_t k = 0; k < v->n_width; k++) {
        out->states[k] = (float)(-v->arguments[WEIGHT] * ((double)v->states[k] - v->run_states[k]) /
                                 (double)v->n_width);
        out->run_states[k] = -out->states[k];
    }
}

/* The tokens from `drop` on; where there is one to stand in, it comes first. What the model is
 * asked to say stays where it was counted from the end. */
static const char *run(const struct tinseq_step_texts *texts, struct tinseq_step_run *run) {
    const int64_t drop = (int64_t)texts->arguments[DROP], instead = texts->arguments[INSTEAD] >= 0,
                  shift = drop - instead;
    const int source = texts->n_source > 0;
    int32_t *ids = source ? run->source_ids : run->target_ids;
    int64_t *from = source ? run->source_from : run->target_from,
            *n = source ? &run->n_source : &run->n_target;
    if (drop >= (source ? texts->n_source : texts->start))
        return "drop leaves nothing of the prompt";
    for (int64_t i = 0; i < *n - drop; i++)
        from[i + instead] = i + drop;
    *n -= shift;
    if (instead) {
        from[0] = -1;
        ids[0] = (int32_t)texts->arguments[INSTEAD];
    }
    for (int64_t s = 0; s < texts->n_steps && !source; s++)
        run->rows[s] -= shift;
    return NULL;
}

static const struct tinseq_step_option options[] = {
    [DROP] = {"drop", 1, 1, 4000, "How many tokens are left out."},
    [INSTEAD] = {"instead", -1, -1, 1e9, "The id of a token that stands in for them; -1: none."},
    [WEIGHT] = {"weight", 0, 0, 1e6, "Of the last state's movement."},
};

const struct tinseq_step tinseq_step = {
    .abi = TINSEQ_STEP_ABI,
    .size = sizeof(struct tinseq_step),
    .name = "context",
    .title = "What the context tells",
    .unit = "nats",
    .span = "sum",
    .formula = "log p[y] − log q[y] − weight |h − h′|²/2D",
    .summary = "How much likelier a token is with the prompt's first tokens than without them.",
    .states = TINSEQ_STEP_LAST_STATE,
    .options = options,
    .n_options = 3,
    .value = value,
    .derivative = derivative,
    .run = run,
};
