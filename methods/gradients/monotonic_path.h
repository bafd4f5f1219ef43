/*
 * The paths of discretized integrated gradients: from a token through real words that lead towards
 * its baseline, made monotone in every dimension. Plain arrays. The worker thread only.
 */
#ifndef TINSEQ_METHODS_MONOTONIC_PATH_H
#define TINSEQ_METHODS_MONOTONIC_PATH_H

#include "methods/engine/path_inputs.h"

enum monotonic_strategy { MONOTONIC_GREEDY, MONOTONIC_MAXCOUNT };

/* The path of every row of a side: out [n_rows, n, E], the baseline first and the token last.
 * Special tokens stay, and jump to their baseline. Polls ctl; progress phase "finding paths".
 * Errors: CANCELLED, and the model's. */
enum err_code monotonic_paths(float *out, const struct path_side *s, const struct method_input *in,
                              int64_t n, int64_t n_neighbours, enum monotonic_strategy strategy,
                              const struct run_ctl *ctl, struct err *e) ERR_CHECKED;

#endif
