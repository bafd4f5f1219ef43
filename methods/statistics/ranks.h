/* Orders of numbers and how far two agree. Any thread. */
#ifndef TINSEQ_METHODS_RANKS_H
#define TINSEQ_METHODS_RANKS_H

#include <stddef.h>
#include <stdint.h>

/* Of n pairs; equal values share their ranks. NaN when n < 2 or either does not vary. */
double rank_spearman(const double *a, const double *b, size_t n);
/* Indices of n values, the highest first, the earlier one first among equals; NaN last. */
void rank_order(int64_t *order, const double *values, int64_t n);

#endif
