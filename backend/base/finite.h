/* Looks for what is no finite number: NaN and the infinities. Any thread. */
#ifndef TINSEQ_BACKEND_BASE_FINITE_H
#define TINSEQ_BACKEND_BASE_FINITE_H

#include <stdint.h>

/* Where the first such number of x [n] is; −1: all are finite. Reads at the speed of memory. */
int64_t finite_first_not(const float *x, int64_t n);

#endif
