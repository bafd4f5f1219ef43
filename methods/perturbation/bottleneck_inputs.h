/*
 * What passes through an information bottleneck, the embeddings or what a layer yields, with the
 * mean and deviation of every entry. The worker thread only.
 */
#ifndef TINSEQ_METHODS_BOTTLENECK_INPUTS_H
#define TINSEQ_METHODS_BOTTLENECK_INPUTS_H

#include "methods/engine/perturb.h"

struct bottleneck_inputs {
    struct perturb *p;           /* borrowed */
    int64_t layer, n_references; /* layer −1: at the embeddings */
    int64_t width;               /* of what passes: D of a layer, E */
    uint64_t seed;
    double *mean[2], *deviation[2]; /* [width] of each side, by enum model_stack */
    float
        *states[2]; /* [rows, width] what the layer yields for the input; NULL: at the embeddings */
};

/* From the option "layer", null or the number of a block. ERR_USAGE says which there are. */
enum err_code bottleneck_read_layer(struct bottleneck_inputs *b, const struct method_input *in,
                                    struct err *e) ERR_CHECKED;
/* Of what passes, by that option. */
int64_t bottleneck_width(const struct option_set *options, const struct model_config *config);
/* Fills states, means and deviations. At the embeddings over the vocabulary; at a layer over texts
 * as long as the input, whose tokens but for special ones are drawn evenly from the vocabulary.
 * Errors: NOMEM, CANCELLED, the model's. */
enum err_code bottleneck_measure(struct bottleneck_inputs *b, struct err *e) ERR_CHECKED;
void bottleneck_inputs_dispose(struct bottleneck_inputs *b);

static inline const struct perturb_side *bottleneck_side(const struct bottleneck_inputs *b,
                                                         enum model_stack stack) {
    return stack == STACK_ENCODER ? &b->p->source : &b->p->target;
}
/* An entry that passes the bottleneck. */
struct bottleneck_entry {
    enum model_stack stack;
    int64_t row, k, place; /* of the embedding; its number among the column's */
    double normal;         /* the input, less its mean, in deviations */
};
static const struct bottleneck_entry bottleneck_before = {
    .stack = STACK_ENCODER, .k = -1, .place = -1};
/* The next entry that column c sees, beginning before all; false: there is no other. */
bool bottleneck_next(const struct bottleneck_inputs *b, int64_t c, struct bottleneck_entry *i);
int64_t bottleneck_entries(const struct bottleneck_inputs *b, int64_t c); /* how many */

/* What passes when nothing is held back: [rows, width]. */
static inline const float *bottleneck_input(const struct bottleneck_inputs *b,
                                            enum model_stack stack) {
    return b->states[stack] ? b->states[stack] : bottleneck_side(b, stack)->x;
}

#endif
