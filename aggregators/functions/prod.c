/* The product. */
#include "aggregators/function.h"

static float reduce(const float *values, size_t n, size_t stride, double order) {
    (void)order;
    double product = 1;
    for (size_t i = 0; i < n; i++)
        product *= values[i * stride];
    return (float)product;
}

const struct aggregate_function aggregate_function_prod = {
    .id = "prod",
    .title = "Product",
    .formula = "Π x",
    .signed_result = true,
    .reduce = reduce,
};
