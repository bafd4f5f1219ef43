/* The largest value; NaN if any is NaN, as torch.max. */
#include "aggregators/function.h"

#include <math.h>

static float reduce(const float *values, size_t n, size_t stride, double order) {
    (void)order;
    float best = n ? values[0] : NAN;
    for (size_t i = 1; i < n && !isnan(best); i++)
        if (!(values[i * stride] <= best))
            best = values[i * stride];
    return best;
}

const struct aggregate_function aggregate_function_max = {
    .id = "max",
    .title = "Maximum",
    .formula = "max x",
    .signed_result = true,
    .reduce = reduce,
};
