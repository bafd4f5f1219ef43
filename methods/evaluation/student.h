/* Student's t: how sure a mean of few values is. Any thread. */
#ifndef TINSEQ_METHODS_STUDENT_H
#define TINSEQ_METHODS_STUDENT_H

#include <stddef.h>

/* Its quantile at 97.5 %; between two whole numbers of degrees of freedom, the wider. */
double student_quantile(double freedom);

struct mean_interval {
    double mean, low, high; /* with 95 %; NaN: of too few values */
    size_t n;
};
/* Of those of n values that are numbers. */
struct mean_interval mean_interval_of(const double *values, size_t n);

#endif
