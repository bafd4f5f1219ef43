#include "backend/insides.h"

#include <math.h>
#include <string.h>

static double mean_of(const struct row_norm *norm, const float *row, int64_t width) {
    double mean = 0;
    for (int64_t k = 0; k < width && norm->centred; k++)
        mean += row[k] / (double)width;
    return mean;
}

void row_norm_hold(const struct row_norm *norm, const float *of, float *rows, int64_t n,
                   int64_t width) {
    if (!norm->scale)
        return;
    const double mean = mean_of(norm, of, width);
    double square = 0;
    for (int64_t k = 0; k < width; k++)
        square += (of[k] - mean) * (of[k] - mean) / (double)width;
    const double inverse = 1 / sqrt(square + norm->epsilon);
    for (int64_t r = 0; r < n; r++) {
        float *row = rows + r * width;
        const double own = mean_of(norm, row, width);
        for (int64_t k = 0; k < width; k++)
            row[k] = (float)((row[k] - own) * inverse * norm->scale[k]);
    }
}

void row_norm_apply(const struct row_norm *norm, float *row, int64_t width) {
    row_norm_hold(norm, row, row, 1, width);
    for (int64_t k = 0; k < width && norm->scale && norm->shift; k++)
        row[k] += norm->shift[k];
}
