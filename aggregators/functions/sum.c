/* The sum. Keeps signs; over the width of input × gradient or integrated gradients it keeps
 * completeness. */
#include "aggregators/function.h"

static float reduce(const float *values, size_t n, size_t stride, double order) {
    (void)order;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i * stride];
    return (float)sum;
}

const struct aggregate_function aggregate_function_sum = {
    .id = "sum",
    .title = "Sum",
    .formula = "Σ x",
    .signed_result = true,
    .reduce = reduce,
};
