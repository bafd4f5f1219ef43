/* The vector norm of order p, Inseq's default over the embedding's width. Infinite orders are the
 * extremes of |x|, order 0 counts what is not 0, as in torch.linalg.vector_norm. */
#include "aggregators/function.h"

#include <math.h>
#include <stdbool.h>

static float extreme(const float *values, size_t n, size_t stride, bool largest) {
    float best = n ? fabsf(values[0]) : 0;
    for (size_t i = 1; i < n && !isnan(best); i++) {
        float x = fabsf(values[i * stride]);
        if (isnan(x) || (largest ? x > best : x < best))
            best = x;
    }
    return best;
}

static float count(const float *values, size_t n, size_t stride) {
    float total = 0;
    for (size_t i = 0; i < n; i++)
        total += isnan(values[i * stride]) ? NAN : (float)(values[i * stride] != 0);
    return total;
}

static float reduce(const float *values, size_t n, size_t stride, double p) {
    if (isinf(p))
        return extreme(values, n, stride, p > 0);
    if (p == 0)
        return count(values, n, stride);
    double sum = 0;
    if (p == 2)
        for (size_t i = 0; i < n; i++)
            sum += (double)values[i * stride] * values[i * stride];
    else
        for (size_t i = 0; i < n; i++)
            sum += pow(fabs((double)values[i * stride]), p);
    return (float)(p == 2 ? sqrt(sum) : pow(sum, 1 / p));
}

const struct aggregate_function aggregate_function_vnorm = {
    .id = "vnorm",
    .title = "Vector norm",
    .formula = "(Σ |x|^p)^(1/p), p = 2",
    .signed_result = false,
    .reduce = reduce,
};
