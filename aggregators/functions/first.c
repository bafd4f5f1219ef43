/* The first of the values, whatever comes after it. */
#include "aggregators/function.h"

#include <math.h>

static float reduce(const float *values, size_t n, size_t stride, double order) {
    (void)stride;
    (void)order;
    return n ? values[0] : NAN;
}

const struct aggregate_function aggregate_function_first = {
    .id = "first",
    .title = "First",
    .formula = "x₁",
    .signed_result = true,
    .reduce = reduce,
};
