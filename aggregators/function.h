/*
 * What a function is that makes one number of several: one file each in functions/, which ends in a
 * const struct and has a line in functions.def. Any thread. Reference: Inseq 0.7.1,
 * inseq/data/aggregation_functions.py, but `first`.
 */
#ifndef TINSEQ_AGGREGATORS_FUNCTION_H
#define TINSEQ_AGGREGATORS_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>

/* Order of a vector norm where none is given. */
#define AGGREGATE_ORDER 2.0

struct aggregate_function {
    const char *id; /* "vnorm" */
    const char *title;
    const char *formula;
    bool signed_result; /* keeps signs: choose a diverging colour map */
    /* Of n values, `stride` apart. NaN as in Inseq: absmax takes it for 0, others pass it on.
     * `order` is vnorm's. */
    float (*reduce)(const float *values, size_t n, size_t stride, double order);
};

#endif
