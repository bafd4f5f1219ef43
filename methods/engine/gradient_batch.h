/*
 * Gradients at other inputs than a method's own: sequences that go through the model together, each
 * with one place whose logits are looked at. What stands in the input's place are embeddings, or
 * what one layer yields. Rooms, how many fit, forward and walk back are here; what the sequences
 * are and what is asked of their logits is the method's. The worker thread only.
 */
#ifndef TINSEQ_METHODS_GRADIENT_BATCH_H
#define TINSEQ_METHODS_GRADIENT_BATCH_H

#include "methods/engine/perturb.h"

struct gradient_batch {
    int64_t n, length[2];     /* sequences; their rows of each side, by enum model_stack */
    int64_t layer, width;     /* layer −1: x are embeddings; else what this block yields */
    struct position *at;      /* [n] the place of each whose logits are looked at */
    float *x[2];              /* [n, length, width]; NULL: the side is as the input has it */
    float *gradient[2];       /* [n, length, width] likewise; NULL: none is wanted of the side */
    float *logits, *d_logits; /* [n, n_row] rooms */
};

/* How many of `most` such sequences go together, of so many rows: forward and gradient fit the
 * budget. At least 1. */
int64_t gradient_batch_fit(const struct perturb *p, int64_t layer, int64_t n_source,
                           int64_t n_target, int64_t most);
/* Bytes of as many of n such sequences, as long as the input and `width` wide, as go together. */
void gradient_batch_cost(struct cost *c, const struct cost_input *in, int64_t width, double n);

/* Rooms for n sequences; gradients of the sides that are attributed. whole: sides that are not
 * attributed have an x too. Dispose of it also after an error (NOMEM). */
enum err_code gradient_batch_open(struct gradient_batch *b, const struct perturb *p, int64_t layer,
                                  int64_t n, int64_t n_source, int64_t n_target, bool whole,
                                  struct err *e) ERR_CHECKED;
void gradient_batch_dispose(struct gradient_batch *b);

/* Looks at the logits [n_row] of sequence i and writes to d_logits [n_row] the derivative whose
 * gradient is wanted; *wanted false: none is, of this sequence. */
typedef enum err_code (*gradient_visit)(void *user, int64_t i, const float *logits, float *d_logits,
                                        bool *wanted, struct err *e);
/* Runs the first n sequences: visits all logits, then walks back for those that are wanted, *n_back
 * of them: their gradients stand at the front, and at[k].batch says which sequence the k-th is of.
 * Errors: those of visit, NOMEM, BACKEND, CANCELLED. */
enum err_code gradient_batch_run(struct gradient_batch *b, int64_t n, const struct perturb *p,
                                 gradient_visit visit, void *user, int64_t *n_back,
                                 struct err *e) ERR_CHECKED;

/* The k-th gradient [length, width] of a side; NULL: none is wanted. */
static inline const float *gradient_batch_of(const struct gradient_batch *b, enum model_stack stack,
                                             int64_t k) {
    return b->gradient[stack] ? b->gradient[stack] + k * b->length[stack] * b->width : NULL;
}

#endif
