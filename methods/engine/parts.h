/*
 * Arithmetic on the parts of an attention (backend/insides.h), for the methods on the insides:
 * whole sums, the share of each key, norms held at a row's statistics. Any thread.
 */
#ifndef TINSEQ_METHODS_PARTS_H
#define TINSEQ_METHODS_PARTS_H

#include "backend/insides.h"

#include <stdbool.h>
#include <stdint.h>

/* Keys that row i sees; with the residual of a cross-attention as the last one, its shares. */
int64_t parts_keys(const struct attention_parts *p, int64_t i);
static inline int64_t parts_n_shares(const struct attention_parts *p, int64_t i) {
    return parts_keys(p, i) + (p->cross ? 1 : 0);
}
/* The sum of row i, before its norm: out [D]. */
void parts_sum(const struct attention_parts *p, int64_t i, float *out);
/* What each key moves to row i's sum through one head, or all of them (head −1), the output map's
 * bias and the residual left out; where a norm stands on the branch through it, with the row's
 * statistics: out [keys, D]. */
void parts_moved(const struct attention_parts *p, int64_t i, int64_t head, float *out);
/* Sums of row i with the value of key j zeroed in the heads whose `zeroed` [H] is true, for every
 * key j; a norm on the branch has its statistics anew: out [keys, D]. */
void parts_zeroed(const struct attention_parts *p, int64_t i, const bool *zeroed, float *out);
/* Shares of row i's sum: what is moved, and the residual in its own row (in a share of its own for
 * cross-attention): out [n_shares, D]. */
void parts_shares(const struct attention_parts *p, int64_t i, float *out);
/* Rows through the norm after row i's sum, its statistics held at that sum's; without such a norm
 * as they are. */
void parts_norm_shares(const struct attention_parts *p, const float *sum, float *rows, int64_t n);
/* Row i as it leaves the norm: out [D] from its sum. */
void parts_output(const struct attention_parts *p, const float *sum, float *out);

double norm_l1(const float *x, int64_t n);
double norm_l2(const float *x, int64_t n);

#endif
