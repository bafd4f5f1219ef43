/* Student's t: how sure a mean of few values is. Any thread. */
#ifndef TINSEQ_METHODS_STUDENT_H
#define TINSEQ_METHODS_STUDENT_H

#include <stddef.h>

/* Its quantile at 97.5 %; between two whole numbers of degrees of freedom, the wider. */
double student_quantile(double freedom);

/* How likely a correlation of at least |r| is by chance where there is none, of t = r √(freedom /
 * (1 − r²)): the regularised incomplete beta function I_{1 − r²}(freedom / 2, 1 / 2), DLMF 8.17.
 * NaN: freedom is not positive. */
double student_chance(double r, double freedom);

struct mean_interval {
    double mean, low, high; /* with 95 %; NaN: of too few values */
    size_t n;
};
/* Of those of n values that are numbers. */
struct mean_interval mean_interval_of(const double *values, size_t n);

#endif
