/*
 * What a run will cost, before it starts: a method declares how many rows of tokens it carries
 * through the model and what it keeps, as a function of the sizes. methods/estimate.h makes
 * operations, seconds and bytes of it. Plain numbers, no model. Any thread.
 */
#ifndef TINSEQ_METHODS_COST_H
#define TINSEQ_METHODS_COST_H

#include "methods/declare/options.h"

#include <stdbool.h>
#include <stdint.h>

struct model_config;

/* The sizes that a cost is a function of. */
struct cost_input {
    const struct model_config *config;
    int64_t n_source; /* S; 0 for decoder-only models */
    int64_t n_target; /* rows that the model reads: end − 1 */
    int64_t n_steps;  /* G */
    bool attribute_target;
    const struct option_set *options; /* of the method */
    int64_t memory_budget;            /* bytes for chunks */
    int64_t element_bytes;            /* of a number inside the model: 4 or 8 */
    int64_t n_other_runs; /* of the model that step functions ask for, beside every pass: about as
                             long as the input */
};

/* Bytes that chunks may take where nobody says: a quarter of what is free (negative: not known),
 * within bounds. A long text, whose forward is computed again for every chunk, may take more, so
 * that chunks are fewer. Looks at the configuration and the sizes of `in` alone. */
int64_t cost_memory_budget(const struct cost_input *in, int64_t available);

/* What a method declares. Rows are rows of one token in one sequence; a pass is one sequence
 * through the model. */
struct cost {
    double passes;                   /* forward, of whole sequences: what people count in */
    double source_rows, target_rows; /* forward */
    double source_gradients, target_gradients; /* backward: one row of one target's gradient */
    double logits, logit_gradients;            /* rows of the vocabulary */
    double operations;                         /* of anything else */
    double bytes;                              /* beyond the weights, at the peak */
    double result;                             /* of these, the result's */
    /* Where it depends on what the text turns out to be: which share of what is declared a run
     * takes at least, usually at most, and at worst. 0: just what is declared. */
    double least, most, worst;
};

typedef void (*cost_function)(struct cost *out, const struct cost_input *in);

/* --- what declarations are made of; all add to *c --- */

/* Rows of [rows, G] that can have a score: source and target side. */
int64_t cost_rows(const struct cost_input *in);
/* n sequences forward, and their logits at n_logits positions in all. */
void cost_forwards(struct cost *c, const struct cost_input *in, double n, double n_logits);
/* Gradients of all G columns at each of n_points inputs. */
void cost_gradients(struct cost *c, const struct cost_input *in, double n_points);
/* Bytes: the result [rows, G, cell]; a forward of n_batch sequences; gradients of n targets
 * together, no more than the budget. */
void cost_result_bytes(struct cost *c, const struct cost_input *in, int64_t cell);
void cost_forward_bytes(struct cost *c, const struct cost_input *in, double n_batch,
                        bool keep_gradient);
void cost_gradient_bytes(struct cost *c, const struct cost_input *in, double n);
/* How many of n sequences one forward takes: as many as are worth while and fit the budget. */
double cost_batch(const struct cost_input *in, double n, bool keep_gradient);

#endif
