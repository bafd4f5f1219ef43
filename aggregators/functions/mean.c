/* The arithmetic mean. Summed in double: Inseq's float sums agree to rounding. */
#include "aggregators/function.h"

#include <math.h>

static float reduce(const float *values, size_t n, size_t stride, double order) {
    (void)order;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i * stride];
    return n ? (float)(sum / (double)n) : NAN; /* as torch.mean of nothing */
}

const struct aggregate_function aggregate_function_mean = {
    .id = "mean",
    .title = "Mean",
    .formula = "Σ x / n",
    .signed_result = true,
    .reduce = reduce,
};
