#include "methods/evaluation/student.h"

#include <math.h>

double student_quantile(double freedom) {
    static const double few[] = {12.706, 4.303, 3.182, 2.776, 2.571,
                                 2.447,  2.365, 2.306, 2.262, 2.228};
    const double z = 1.959964, d = freedom;
    const size_t at = (size_t)fmax(floor(d), 1);
    if (at < 10) /* between two whole numbers, the wider */
        return few[at - 1];
    return z + (z * z * z + z) / (4 * d) + (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / (96 * d * d) +
           (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / (384 * d * d * d);
}

struct mean_interval mean_interval_of(const double *values, size_t n) {
    struct mean_interval out = {.low = NAN, .high = NAN};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i])) {
            sum += values[i];
            out.n++;
        }
    out.mean = out.n ? sum / (double)out.n : NAN;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            squares += (values[i] - out.mean) * (values[i] - out.mean);
    if (out.n > 1) {
        const double freedom = (double)(out.n - 1),
                     half = student_quantile(freedom) * sqrt(squares / freedom / (double)out.n);
        out.low = out.mean - half;
        out.high = out.mean + half;
    }
    return out;
}
