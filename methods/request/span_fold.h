/*
 * A span of generated tokens as one target: f is the sum or the mean of the attributed function
 * over the span's columns. A method that is linear in f computes the columns as ever, all in one
 * pass, and what it yields is added up here, before anything takes magnitudes or norms. No model,
 * no tensors. Any thread.
 */
#ifndef TINSEQ_METHODS_SPAN_FOLD_H
#define TINSEQ_METHODS_SPAN_FOLD_H

#include "methods/request/arguments.h"

/* Makes one column of s's, in place. What a column cannot see counts 0. The column's token, their
 * pieces joined, stands behind the span's own in the target, so that these keep their rows; its id
 * is −1. Step scores combine as their functions say. ERR_NOMEM. */
enum err_code span_fold(struct attribution_sequence *s, const struct run_arguments *a,
                        struct err *e) ERR_CHECKED;

#endif
