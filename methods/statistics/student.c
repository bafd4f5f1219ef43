#include "methods/statistics/student.h"

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

/* 1 + d1/(1 + d2/(1 + …)) of DLMF 8.17.22, by Lentz's way. */
static double beta_fraction(double x, double a, double b) {
    double c = 1, d = 0, out = 1, step = 0;
    for (int j = 1; j < 10000 && fabs(step - 1) > 1e-16; j++) {
        const double m = j / 2; /* a whole number */
        const double term = j % 2 ? -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
                                  : m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / (1 + term * d);
        c = 1 + term / c;
        step = c * d;
        out *= step;
    }
    return out;
}

/* Γ(a + 1/2) / Γ(a), DLMF 5.11.13 where the logarithms of both would cancel. */
static double half_step_of_gamma(double a) {
    if (a < 40)
        return exp(lgamma(a + 0.5) - lgamma(a));
    const double u = 1 / (8 * a);
    return sqrt(a) * (1 - u + u * u / 2 + 5 * u * u * u / 2 - 21 * u * u * u * u / 8);
}

double student_chance(double r, double freedom) {
    const double a = freedom / 2, x = (1 - r) * (1 + r);
    if (!(freedom > 0) || isnan(r))
        return NAN;
    if (x <= 0)
        return 0;
    /* x^a (1 - x)^(1/2) / B(a, 1/2) */
    const double front = exp(a * log(x)) * fabs(r) * half_step_of_gamma(a) / sqrt(M_PI);
    if (x < (a + 1) / (a + 2.5))
        return front / (a * beta_fraction(x, a, 0.5));
    return 1 - front / (0.5 * beta_fraction(r * r, 0.5, a));
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
