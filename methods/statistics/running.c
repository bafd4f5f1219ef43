#include "methods/statistics/running.h"

#include <math.h>

void running_add(struct running *r, double value) {
    const double off = value - r->mean_so_far, sum = r->sum_so_far + value;
    r->n++;
    r->mean_so_far += off / (double)r->n;
    r->squares += off * (value - r->mean_so_far);
    if (fabs(r->sum_so_far) >= fabs(value))
        r->lost += (r->sum_so_far - sum) + value;
    else
        r->lost += (value - sum) + r->sum_so_far;
    r->sum_so_far = sum;
}

double running_mean(const struct running *r) {
    return r->n ? running_sum(r) / (double)r->n : NAN;
}

double running_sum(const struct running *r) {
    return r->sum_so_far + r->lost;
}

double running_deviation(const struct running *r) {
    return r->n > 1 ? sqrt(r->squares / (double)(r->n - 1)) : NAN;
}
