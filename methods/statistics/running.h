/* Mean, sum and spread of values that come one after the other (Welford 1962). Any thread. */
#ifndef TINSEQ_METHODS_STATISTICS_RUNNING_H
#define TINSEQ_METHODS_STATISTICS_RUNNING_H

#include <stddef.h>

/* Zero-initialised: of no values, whose mean is NaN. */
struct running {
    size_t n;
    double mean_so_far, squares;
    double sum_so_far, lost; /* what rounding took from it (Neumaier 1974) */
};

void running_add(struct running *r, double value);
double running_mean(const struct running *r);
double running_sum(const struct running *r);       /* 0 of no values */
double running_deviation(const struct running *r); /* of a sample: NaN of fewer than two */

#endif
