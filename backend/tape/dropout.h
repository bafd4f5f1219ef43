/*
 * Dropout as in training, for passes that ask how sure a model is of itself. It draws on the host
 * and keeps no gradients. An entry's noise does not depend on its batch: entry b with seed s has
 * that of entry 0 with seed s + b. Internal to backend/.
 */
#ifndef TINSEQ_BACKEND_DROPOUT_H
#define TINSEQ_BACKEND_DROPOUT_H

#include "backend/tape/tape.h"

/* *x [B·length, C], each element zero with probability `rate`, else divided by 1 − rate. Does
 * nothing where the tape has no dropout. */
void dropout_apply(struct tape *t, tn_tensor **x, const struct space *space, double rate);
/* Attention whose weights are dropped: → [B·n_query, H·d]. Only where the tape has dropout. */
void dropout_attention(struct tape *t, tn_tensor **out, const struct tn_attention *a,
                       const tn_tensor *q, const tn_tensor *k, const tn_tensor *v);

#endif
