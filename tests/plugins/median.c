/* An example of tinseq-aggregator.h, built and used by the tests: a function that makes one number
 * of several, the middle one; of an even number of them the lower. */
#include "aggregators/tinseq-aggregator.h"

#include <math.h>

/* How many come before value i, of equal ones those that stand before it. */
static size_t rank(const float *values, size_t n, size_t stride, size_t i) {
    const float x = values[i * stride];
    size_t before = 0;
    for (size_t k = 0; k < n; k++)
        before += values[k * stride] < x || (values[k * stride] == x && k < i);
    return before;
}

static float reduce(const float *values, size_t n, size_t stride, double order) {
    (void)order;
    for (size_t i = 0; i < n; i++)
        if (isnan(values[i * stride]))
            return NAN;
    for (size_t i = 0; i < n; i++)
        if (rank(values, n, stride, i) == (n - 1) / 2)
            return values[i * stride];
    return NAN;
}

const struct tinseq_aggregator tinseq_aggregator = {
    .abi = TINSEQ_AGGREGATOR_ABI,
    .size = sizeof(struct tinseq_aggregator),
    .name = "median",
    .title = "Median",
    .summary = "the middle of the values, the lower of two",
    .reduce = reduce,
    .signed_result = 1,
};
