/*
 * Texts that are some of the input's rows, and gradients of them. Texts with sources of one length
 * and runs that are alike go through the model together, as many as fit; what stands after a
 * shorter target's end is seen by none of it. The worker thread only.
 */
#ifndef TINSEQ_METHODS_SHORTER_TEXTS_H
#define TINSEQ_METHODS_SHORTER_TEXTS_H

#include "methods/engine/gradient_batch.h"

struct shorter_text {
    const int64_t *rows[2]; /* by enum model_stack, in order; borrowed */
    int64_t n[2];           /* the last of the target predicts; source: 0 without an encoder */
};

struct shorter_texts {
    struct perturb *p; /* borrowed */
    void *user;
    /* Looks at the logits [n_row] of text i: see gradient_visit. */
    gradient_visit visit;
    /* Takes the gradients [n, E] of text i for each side's rows (NULL: not attributed). */
    void (*take)(void *user, int64_t i, const float *const gradients[2]);
};

/* All n texts, in no order. Errors: those of visit, NOMEM, BACKEND, CANCELLED. */
enum err_code shorter_texts_run(const struct shorter_texts *t, const struct shorter_text *texts,
                                int64_t n, struct err *e) ERR_CHECKED;

#endif
