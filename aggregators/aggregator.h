/*
 * What an aggregator is: one file each, which ends in a const struct and has a line in
 * aggregators.def. A stage of a pipeline is an aggregator with its function and options. Any
 * thread. Reference: Inseq 0.7.1, inseq/data/aggregator.py.
 */
#ifndef TINSEQ_AGGREGATORS_AGGREGATOR_H
#define TINSEQ_AGGREGATORS_AGGREGATOR_H

#include "aggregators/function.h"
#include "aggregators/grouping.h"
#include "backend/base/err.h"
#include "methods/declare/options.h"
#include "methods/result/attribution.h"

/* What a pipeline is applied with beside its stages; zero-initialised: nothing. All borrowed. */
struct aggregate_context {
    const struct attribution_sequence *paired; /* aggregated alike: what `pair` compares with */
    struct info_texts *notices;                /* what a person should know is added here, once */
    struct grouping *made; /* zero-initialised: which tokens each new row and column is of */
};
/* Adds a notice, printf-style, unless it is there or nobody asks for it. */
void aggregate_notice(const struct aggregate_context *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ERR_USAGE for a word that is none of `names` [n]: "unknown unit "wrod"; did you mean word?", or,
 * when none is near, `otherwise` after the semicolon. */
enum err_code aggregate_unknown(const char *what, const char *word, const char *const *names,
                                size_t n, const char *otherwise, struct err *e) ERR_CHECKED;

struct aggregate_call {
    const struct aggregate_function *function; /* NULL: the aggregator's own */
    const struct option_set *options;
    const struct aggregate_context *context;
    const struct aggregator *aggregator;
};

struct tinseq_aggregator;

struct aggregator {
    const char *id;              /* "subwords" */
    const char *title, *summary; /* for people */
    const char *function;        /* what it uses where none is given, in words; NULL: it takes
                                    no function */
    bool changes_tokens;         /* rows and columns are no longer those of the model's tokens */
    bool reduces;                /* the last dimension beyond rows and columns */
    const struct option_decl *options;
    size_t n_options;
    /* Options that contradict each other. NULL: none can. ERR_USAGE. */
    enum err_code (*check)(const struct option_set *options, struct err *e);
    /* Changes a sequence in place; it may be half changed where this fails. Errors: SHAPE (scores
     * that it does not fit), USAGE (options that do not fit the tokens), NOMEM. */
    enum err_code (*apply)(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e);
    const struct tinseq_aggregator *own; /* of a library; NULL: it is one of ours */
};

/* Options that several aggregators take. */
#define OPTION_ORDER                                                                               \
    {                                                                                              \
        .name = "vnorm_ord", .type = OPTION_JSON, .default_value = "2",                            \
        .help = "Order of vnorm: a number, \"inf\" or \"-inf\"."                                   \
    }
/* The order of vnorm among options; ERR_USAGE: it is none. */
enum err_code aggregate_order(double *out, const struct option_set *options,
                              struct err *e) ERR_CHECKED;

#endif
