/*
 * An aggregator of your own, for Tinseq: from scores to what is shown. Build a shared object that
 * exports one `const struct tinseq_aggregator tinseq_aggregator` and load it by
 *
 *   cc -shared -fPIC -O2 -o median.so median.c
 *   tinseq show FILE --own_aggregator ./median.so --attribution_aggregators median
 *
 * It is one of three things, told by which of three functions it has:
 *   reduce   a function that makes one number of several, as mean and sum are: of an embedding's
 *            width, of layers and heads (--attribution_aggregators NAME), of the tokens of a unit
 *            (--unit word:NAME, --attribution_aggregators subwords:NAME)
 *   begins   a unit, as words and sentences are: --unit NAME
 *   change   an aggregator that changes scores in place: --attribution_aggregators NAME
 *
 * It is called from any thread, so it must keep no state. Examples in Tinseq's tests/plugins:
 * median.c (reduce), clause.c (begins), above.c (change, with an option).
 */
#ifndef TINSEQ_AGGREGATOR_H
#define TINSEQ_AGGREGATOR_H

#include <stddef.h>
#include <stdint.h>

/* A library built for another version is refused. */
#define TINSEQ_AGGREGATOR_ABI 1

struct tinseq_aggregator_token {
    const char *text; /* the bytes that it stands for; may be part of a character, may hold NUL */
    size_t n_text;
    const char *piece; /* as the vocabulary has it: "▁doc" */
    int32_t id;        /* -1: it is several tokens that are joined */
    int special;       /* not 0: the start, the end and the like, which stand for no text */
};

/* Scores of one side. NaN is a cell that no step could see, or that could not be computed. */
struct tinseq_aggregator_scores {
    float *values;                     /* [n_rows, n_columns, n_cell] */
    int64_t n_rows, n_columns, n_cell; /* n_cell: the product of what dimensions there are beyond
                                          rows and columns, 1 or more */
    const struct tinseq_aggregator_token *rows, *columns;
    int source;              /* not 0: rows are the source's; else the prompt's and the text's */
    const double *arguments; /* [n_options] in their order */
};

/* A number that a person may set in --aggregation_kwargs: '{"share": 0.2}'. Of `change` alone. */
struct tinseq_aggregator_option {
    const char *name;
    double default_value, minimum, maximum;
    const char *help;
};

struct tinseq_aggregator {
    uint32_t abi;                /* TINSEQ_AGGREGATOR_ABI */
    uint32_t size;               /* sizeof(struct tinseq_aggregator) */
    const char *name;            /* letters, digits and "_". No name that Tinseq has already */
    const char *title, *summary; /* for people; NULL: none */

    /* Of n values, `stride` apart; n is at least 1. `order` is what vnorm_ord says: 2 where nothing
     * is said. */
    float (*reduce)(const float *values, size_t n, size_t stride, double order);
    int signed_result; /* of reduce; not 0: it may be negative where a score is */

    /* Sets begins[i] to 1 where a unit begins, which goes on to the next one; all are 0 when it is
     * called, n is at least 1. Special tokens stand alone whatever it says. Returns how many there
     * are, or 0: there is none of it, and the tokens stay as they are (a notice says so). */
    size_t (*begins)(const struct tinseq_aggregator_token *tokens, size_t n, unsigned char *begins);

    /* Called for each side that has scores. What was NaN is NaN again afterwards, and a number that
     * is infinite too. Returns NULL, or for a person what is wrong, a text that stays. */
    const char *(*change)(const struct tinseq_aggregator_scores *scores);
    const struct tinseq_aggregator_option *options;
    size_t n_options; /* 16 at most */
};

#endif
