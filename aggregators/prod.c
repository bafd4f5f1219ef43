/* The product. */
#include "aggregators/aggregator.h"

static float reduce(const float *values, size_t n, size_t stride, double argument) {
    (void)argument;
    double product = 1;
    for (size_t i = 0; i < n; i++)
        product *= values[i * stride];
    return (float)product;
}

const struct aggregator_decl aggregator_prod = {
    .id = "prod",
    .title = "Product",
    .formula = "Π x",
    .signed_result = true,
    .reduce = reduce,
};
