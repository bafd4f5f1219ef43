/*
 * What an aggregator is: one file each, which ends in a const struct and has a line in
 * aggregators.def. Any thread.
 */
#ifndef TINSEQ_AGGREGATORS_AGGREGATOR_H
#define TINSEQ_AGGREGATORS_AGGREGATOR_H

#include <stdbool.h>
#include <stddef.h>

/* What reduces one dimension of n values (stride apart) to one. NaN handling as
 * Inseq's (absmax: NaN as 0). */
struct aggregator_decl {
    const char *id; /* "vnorm", "mean", "sum", "max", "min", "absmax", "prod" */
    const char *title;
    const char *formula;
    bool signed_result; /* keeps signs: choose a diverging colour map */
    float (*reduce)(const float *values, size_t n, size_t stride,
                    double argument); /* argument: vnorm's order */
};

#endif
