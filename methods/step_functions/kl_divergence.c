/*
 * The divergence of the contrast's distribution from the original one, and the size of the smallest
 * set of tokens that holds a given mass. Filters as in Inseq 0.7.1 (utils/torch_utils.py:
 * filter_logits): those of the divergence look at z + z′; top_p comes before top_k. What is
 * filtered out is left out of both sums, where Inseq's −∞ − −∞ makes NaN.
 */
#include "backend/base/mem.h"
#include "methods/step_functions/step_function.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ranked {
    double logit;
    int64_t id;
};

static int by_logit(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    if (x->logit != y->logit)
        return x->logit < y->logit ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

/* Marks what stays in keep [V]: ascending, tokens go while their cumulated probability is at most 1
 * − top_p, but for the last `least`. Returns how many stay. */
static int64_t keep_top_p(struct ranked *ranked, int64_t n, double top_p, int64_t least,
                          bool *keep) {
    double log_sum = 0, sum = 0, largest;
    qsort(ranked, (size_t)n, sizeof *ranked, by_logit);
    largest = ranked[n - 1].logit;
    for (int64_t i = 0; i < n; i++)
        log_sum += exp(ranked[i].logit - largest);
    log_sum = largest + log(log_sum);
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += exp(ranked[i].logit - log_sum);
        keep[ranked[i].id] = sum > 1 - top_p || i >= n - least;
        kept += keep[ranked[i].id];
    }
    return kept;
}

/* Takes what is below the k-th largest out of keep; equals stay. ranked is ascending; what top_p
 * took out is at its beginning. */
static void keep_top_k(const struct ranked *ranked, int64_t n, int64_t k, bool *keep) {
    for (int64_t i = 0; i < n && k < n; i++)
        keep[ranked[i].id] = keep[ranked[i].id] && ranked[i].logit >= ranked[n - k].logit;
}

/* The tokens that count, [V]; NULL: all of them. Owned by the caller. */
static bool *kept_tokens(const struct step_view *v) {
    double top_p = option_float(v->options, "top_p");
    int64_t n = v->n_vocab, top_k = option_int(v->options, "top_k"),
            least = option_int(v->options, "min_tokens_to_keep");
    if (top_p >= 1 && top_k == 0)
        return NULL;
    bool *keep = mem_alloc((size_t)n * sizeof *keep);
    struct ranked *ranked = mem_alloc((size_t)n * sizeof *ranked);
    for (int64_t i = 0; i < n; i++)
        ranked[i] = (struct ranked){(double)v->logits[i] + v->contrast_logits[i], i};
    if (top_p < 1)
        keep_top_p(ranked, n, top_p, least, keep);
    else
        qsort(ranked, (size_t)n, sizeof *ranked, by_logit);
    for (int64_t i = 0; i < n && top_p >= 1; i++)
        keep[i] = true;
    if (top_k > 0)
        keep_top_k(ranked, n, top_k > least ? top_k : least, keep);
    free(ranked);
    return keep;
}

static double log_sum_of(const float *logits, int64_t n, const bool *keep) {
    double largest = -INFINITY, sum = 0;
    for (int64_t i = 0; i < n; i++)
        largest = (!keep || keep[i]) && logits[i] > largest ? logits[i] : largest;
    for (int64_t i = 0; i < n; i++)
        sum += !keep || keep[i] ? exp(logits[i] - largest) : 0;
    return largest + log(sum);
}

/* A token that p gives nothing adds nothing. */
static double divergence(const struct step_view *v, const bool *keep, double log_sum_p,
                         double log_sum_q) {
    double sum = 0;
    for (int64_t i = 0; i < v->n_vocab; i++) {
        double log_p = v->logits[i] - log_sum_p, p = exp(log_p);
        if ((!keep || keep[i]) && p > 0)
            sum += p * (log_p - (v->contrast_logits[i] - log_sum_q));
    }
    return sum;
}

static double kl_value(const struct step_view *v) {
    bool *keep = kept_tokens(v);
    double d = divergence(v, keep, log_sum_of(v->logits, v->n_vocab, keep),
                          log_sum_of(v->contrast_logits, v->n_vocab, keep));
    free(keep);
    return d;
}

/* d KL / d z_i = p_i (log p_i − log q_i − KL); it is 0 everywhere where p and q are the
 * same. */
static void kl_derivative(const struct step_view *v, float *out) {
    bool *keep = kept_tokens(v);
    double log_sum_p = log_sum_of(v->logits, v->n_vocab, keep),
           log_sum_q = log_sum_of(v->contrast_logits, v->n_vocab, keep);
    double d = divergence(v, keep, log_sum_p, log_sum_q);
    for (int64_t i = 0; i < v->n_vocab; i++) {
        double log_p = v->logits[i] - log_sum_p, p = exp(log_p);
        bool counts = (!keep || keep[i]) && p > 0 && v->logits != v->contrast_logits;
        out[i] = counts ? (float)(p * (log_p - (v->contrast_logits[i] - log_sum_q) - d)) : 0;
    }
    free(keep);
}

/* d KL / d z′_i = q_i − p_i. */
static void kl_foil(const struct step_view *v, float *out) {
    bool *keep = kept_tokens(v);
    double log_sum_p = log_sum_of(v->logits, v->n_vocab, keep),
           log_sum_q = log_sum_of(v->contrast_logits, v->n_vocab, keep);
    for (int64_t i = 0; i < v->n_vocab; i++)
        out[i] =
            !keep || keep[i]
                ? (float)(exp(v->contrast_logits[i] - log_sum_q) - exp(v->logits[i] - log_sum_p))
                : 0;
    free(keep);
}

static const struct option_decl kl_options[] = {
    {.name = "top_k",
     .type = OPTION_INT,
     .default_value = "0",
     .minimum = 0,
     .maximum = 1e9,
     .unit = "tokens",
     .help = "Count only so many tokens, the largest of z + z′; 0 counts all."},
    {.name = "top_p",
     .type = OPTION_FLOAT,
     .default_value = "1",
     .minimum = 0,
     .maximum = 1,
     .help =
         "Count only the top tokens that together have this probability under softmax(z + z′)."},
    {.name = "min_tokens_to_keep",
     .type = OPTION_INT,
     .default_value = "1",
     .minimum = 1,
     .maximum = 1e9,
     .unit = "tokens",
     .help = "Count at least so many."},
};

const struct step_function step_function_kl_divergence = {
    .decl = {.id = "kl_divergence",
             .title = "Divergence from the contrast",
             .formula = "Σ p (log p − log q)",
             .unit = "nats",
             .span = "sum",
             .contrastive = true,
             .can_be_target = true,
             .options = kl_options,
             .n_options = 3,
             .summary = "How far the contrast's whole distribution is from the original one. As "
                        "attributed function it needs contrast_force_inputs."},
    .value = kl_value,
    .derivative = kl_derivative,
    .contrast_derivative = kl_foil,
};

/* --- top_p_size -------------------------------------------------------------------------- */

static double size_value(const struct step_view *v) {
    bool *keep = mem_alloc((size_t)v->n_vocab * sizeof *keep);
    struct ranked *ranked = mem_alloc((size_t)v->n_vocab * sizeof *ranked);
    for (int64_t i = 0; i < v->n_vocab; i++)
        ranked[i] = (struct ranked){v->logits[i], i};
    double n = (double)keep_top_p(ranked, v->n_vocab, option_float(v->options, "top_p"), 1, keep);
    free(ranked);
    free(keep);
    return n;
}

static const struct option_decl size_options[] = {
    {.name = "top_p",
     .type = OPTION_FLOAT,
     .minimum = 0,
     .maximum = 1,
     .help = "The probability that the set must have; it must be given."},
};

const struct step_function step_function_top_p_size = {
    .decl = {.id = "top_p_size",
             .title = "Tokens that hold a mass",
             .formula = "min |S|, p(S) ≥ top_p",
             .unit = "tokens",
             .integer = true,
             .options = size_options,
             .n_options = 1,
             .summary = "How many of the most probable tokens it takes to reach the probability "
                        "top_p: a count, without a derivative."},
    .value = size_value,
};
