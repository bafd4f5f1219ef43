/* The value of the largest magnitude, with its sign. NaN counts as 0 in the comparison; the first
 * of equals wins, so that all-NaN stays NaN. */
#include "aggregators/function.h"

#include <math.h>

static float reduce(const float *values, size_t n, size_t stride, double order) {
    (void)order;
    float best = n ? values[0] : NAN;
    float magnitude = isnan(best) ? 0 : fabsf(best);
    for (size_t i = 1; i < n; i++) {
        float x = values[i * stride];
        if (fabsf(x) > magnitude) { /* false for NaN */
            best = x;
            magnitude = fabsf(x);
        }
    }
    return best;
}

const struct aggregate_function aggregate_function_absmax = {
    .id = "absmax",
    .title = "Largest magnitude",
    .formula = "x with max |x|",
    .signed_result = true,
    .reduce = reduce,
};
