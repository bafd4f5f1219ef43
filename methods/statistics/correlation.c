#include "methods/statistics/correlation.h"

#include "methods/statistics/ranks.h"
#include "methods/statistics/student.h"

#include <math.h>

static double mean_of(const double *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] / (double)n;
    return sum;
}

static bool varies(const double *x, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (x[i] != x[0])
            return true;
    return false;
}

/* The length of what is left without the mean. */
static double spread_of(const double *x, size_t n, double mean) {
    double squares = 0;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    return sqrt(squares);
}

static double pearson(const double *x, const double *y, size_t n) {
    const double mean_x = mean_of(x, n), mean_y = mean_of(y, n), spread_x = spread_of(x, n, mean_x),
                 spread_y = spread_of(y, n, mean_y);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (x[i] - mean_x) / spread_x * ((y[i] - mean_y) / spread_y);
    return fmax(-1, fmin(1, sum));
}

struct correlation correlation_pearson(const double *x, const double *y, size_t n) {
    if (n < 2 || !varies(x, n) || !varies(y, n))
        return (struct correlation){NAN, NAN};
    const double r = pearson(x, y, n);
    if (n == 2) /* always a straight line */
        return (struct correlation){r < 0 ? -1 : 1, 1};
    return (struct correlation){r, student_chance(r, (double)n - 2)};
}

struct correlation correlation_spearman(const double *x, const double *y, size_t n) {
    const double r = rank_spearman(x, y, n);
    return (struct correlation){r, student_chance(r, (double)n - 2)};
}
