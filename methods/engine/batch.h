/*
 * How many of many equal things go through a model together. Runs and the estimates of what they
 * cost ask the same function, so that they agree. Plain numbers. Any thread.
 */
#ifndef TINSEQ_METHODS_BATCH_H
#define TINSEQ_METHODS_BATCH_H

#include <stdbool.h>
#include <stdint.h>

/* Rows of a forward beyond which larger products are no faster; where it keeps what its gradients
 * need, larger ones soon leave the processor's caches. */
#define BATCH_ROWS 384
#define BATCH_ROWS_KEPT 256

/* As many of `most` things of bytes_each > 0 as the budget has room for; at least 1. */
int64_t engine_fit(int64_t budget, int64_t bytes_each, int64_t most);

/* As many of `most` things as fit together, where bytes(user, n) says what n of them take: more
 * than n − 1 do; at least 1. */
int64_t engine_fit_together(int64_t budget, int64_t most,
                            int64_t (*bytes)(const void *user, int64_t n), const void *user);

/* As many of `most` sequences of `rows` rows as make products fast and as the budget has room for;
 * at least 1. kept: the forward keeps what its gradients need. */
int64_t engine_batch(int64_t budget, int64_t rows, int64_t bytes_each, int64_t most, bool kept);

#endif
