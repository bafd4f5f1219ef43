/* The smallest value; NaN if any is NaN, as torch.min. */
#include "aggregators/function.h"

#include <math.h>

static float reduce(const float *values, size_t n, size_t stride, double order) {
    (void)order;
    float best = n ? values[0] : NAN;
    for (size_t i = 1; i < n && !isnan(best); i++)
        if (!(values[i * stride] >= best))
            best = values[i * stride];
    return best;
}

const struct aggregate_function aggregate_function_min = {
    .id = "min",
    .title = "Minimum",
    .formula = "min x",
    .signed_result = true,
    .reduce = reduce,
};
