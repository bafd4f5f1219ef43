/*
 * Whether scores say what the model does: tokens are taken away in the order of their scores, and
 * the attributed function is watched.
 *
 * A column has m tokens that can be taken away: those that have scores and are not their own
 * baseline (a token is taken away by giving its place the baseline's embedding, as integrated
 * gradients and occlusion do). They are ordered by score, the highest first, the earlier one first
 * among equals. f is the attributed function, f(x) its value at the whole input.
 *
 *   deletion curve        f when the first k are taken away, k = 0 … m; a faithful order makes it
 *                         fall early (Petsiuk et al. 2018; Samek et al. 2017)
 *   insertion curve       f when all but the first k are taken away; it rises early
 *   areas                 under each curve over k / m, by trapezoids of the curve's own points
 *   comprehensiveness     mean over the parts of f(x) − f(the first k taken away): high is
 *                         faithful (DeYoung et al. 2020)
 *   sufficiency           mean over the parts of f(x) − f(only the first k left): low is faithful.
 *                         Parts that are the same k, as of few tokens, count once
 *   random baseline       the same of orders drawn at random, averaged
 *   sensitivity           ‖scores(x + noise) − scores(x)‖ / ‖scores(x)‖ of a column,
 *                         mean and largest of the samples (Yeh et al. 2019)
 *   agreement             of two methods: Spearman's rank correlation of all scores, the share of
 *                         the top k by magnitude that both have, and that both have with the
 *                         same sign (Krishna et al. 2022)
 *
 * Taking tokens away shows the model texts that it never saw in training: curves compare orders;
 * they are no ground truth. The worker thread only.
 */
#ifndef TINSEQ_METHODS_FAITHFULNESS_H
#define TINSEQ_METHODS_FAITHFULNESS_H

#include "backend/base/err.h"
#include "backend/base/run_ctl.h"
#include "methods/result/attribution.h"
#include "methods/result/curves.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAITHFULNESS_MAX_PARTS 16

struct faithfulness_spec {
    int64_t n_points;                     /* of a curve, beyond the first */
    double parts[FAITHFULNESS_MAX_PARTS]; /* percent of m (rounded up), or counts of tokens (at most
                                             m) */
    size_t n_parts;
    bool counts;
    int64_t n_random;      /* random orders a column; 0: no baseline; 1: no spread */
    uint64_t seed;         /* of random orders and noise */
    int64_t n_top;         /* k of the agreement */
    int64_t n_noise;       /* noisy samples; 0: sensitivity is not measured */
    double noise;          /* length of the noise relative to each token's embedding */
    int64_t memory_budget; /* 0: chosen from the machine's memory */
};
/* 10 points, 1 5 10 20 50 percent, 5 random orders, top 5, 5 samples of 1 %. */
struct faithfulness_spec faithfulness_defaults(void);

/* NaN: not measured, or there is nothing to take away. */
struct faithfulness_numbers {
    double deletion, insertion, comprehensiveness, sufficiency, sensitivity, worst_sensitivity;
};
struct faithfulness_column {
    struct faithfulness_numbers numbers;
    double *deletion, *insertion; /* [n_points + 1]: k = m · i / n_points, rounded */
};
struct faithfulness_method {
    char *name;
    struct faithfulness_column *columns; /* [G] */
    struct faithfulness_numbers mean;
};
/* Variances of random orders about their mean, of one column; NaN: of fewer than two. */
struct faithfulness_spread {
    double *deletion, *insertion; /* [n_points + 1] */
    double comprehensiveness, sufficiency, both /* comprehensiveness − sufficiency */;
};
struct faithfulness_agreement {
    double spearman, overlap, sign; /* sign NaN: a method's scores have none */
};

struct faithfulness {
    struct faithfulness_spec spec;
    int64_t n_columns;
    int64_t *n_tokens;     /* [G] m */
    double *value, *empty; /* [G] f(x), and f with all of the m taken away */
    /* [n_methods], and one more: the random baseline, if there is one */
    struct faithfulness_method *methods;
    size_t n_methods;
    bool has_random;
    struct faithfulness_spread *spread;       /* [G] */
    struct faithfulness_agreement *agreement; /* [n_methods, n_methods], symmetric */
    bool *wanted;                             /* [G] its scores are known, of all results */
    bool *done;                               /* [G] curves */
};

struct faithfulness_events {
    void *user;
    void (*column)(void *user, const struct faithfulness *f,
                   int64_t g); /* curves of column g are there, of all methods */
};

/* Scores per token [rows, G] of a raw result, e.g. aggregate_sequence's. `out` needs no
 * initialisation and is disposed of by the caller. */
struct faithfulness_reducer {
    void *user;
    enum err_code (*reduce)(void *user, struct attribution_sequence *out,
                            const struct attribution_sequence *in, struct err *e);
};

struct model;

/* Sequence i of n results of the same texts, positions and attributed function, by `m`, the model
 * that made them. Tokens, positions, function and options are the results' own; of results that
 * were cut short, the columns that all have. *out is also set, as far as it came, when cancelled.
 * Errors: FORMAT (the tokens are not the model's), USAGE (results differ), … */
enum err_code faithfulness_run(struct faithfulness **out, struct model *m,
                               const struct attribution *const *results, size_t n, size_t i,
                               const struct faithfulness_spec *spec,
                               const struct faithfulness_reducer *reducer,
                               const struct faithfulness_events *events, const struct run_ctl *ctl,
                               struct err *e) ERR_CHECKED;
void faithfulness_free(struct faithfulness *f); /* NULL is legal */

/* --- its parts --------------------------------------------------------------------------- */

struct method;
struct method_input;

/* All columns are wanted. */
struct faithfulness *faithfulness_new(const struct faithfulness_spec *spec,
                                      const char *const *names, size_t n_methods,
                                      int64_t n_columns);
/* Curves, areas, comprehensiveness and sufficiency of all methods, from their scores [rows, G], and
 * of random orders. */
enum err_code faithfulness_curves(struct faithfulness *f, const struct method_input *in,
                                  const struct attribution_sequence *scores,
                                  const struct faithfulness_events *events,
                                  const struct run_ctl *ctl, struct err *e) ERR_CHECKED;
/* Sensitivity of method i: runs it n_noise + 1 times. */
enum err_code faithfulness_noise(struct faithfulness *f, size_t i, const struct method *method,
                                 const struct method_input *in,
                                 const struct attribution_sequence *tokens,
                                 const struct faithfulness_reducer *reducer,
                                 const struct run_ctl *ctl, struct err *e) ERR_CHECKED;
/* Agreement of all pairs, from scores [rows, G]. */
void faithfulness_agree(struct faithfulness *f, const struct attribution_sequence *scores);
/* Means over columns, of what was measured. */
void faithfulness_average(struct faithfulness *f);

/* --- for a person ------------------------------------------------------------------------ */

/* Method i's curves, means over columns, beside random orders, as they are kept with its result;
 * `function` is what is attributed. Whether it is better than chance: an order drawn at random has
 * its number within the 95 % that its columns' variances let expect. Disposed of by the caller. */
struct curves faithfulness_method_curves(const struct faithfulness *f, size_t i,
                                         const char *function);

#endif
