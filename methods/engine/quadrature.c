#include "methods/engine/quadrature.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

const char *const quadrature_rules[] = {"gausslegendre",  "riemann_left",      "riemann_right",
                                        "riemann_middle", "riemann_trapezoid", NULL};

/* Nodes and weights of Gauss-Legendre quadrature on [0, 1]: roots of the Legendre polynomial by
 * Newton's method. */
static void gauss_legendre(int64_t n, double *alpha, double *weight) {
    for (int64_t i = 0; i < n; i++) {
        double x = -cos(M_PI * ((double)i + 0.75) / ((double)n + 0.5)), slope = 1;
        for (int round = 0; round < 100; round++) {
            double p = 1, before = 0;
            for (int64_t k = 1; k <= n; k++) {
                double next =
                    ((2.0 * (double)k - 1) * x * p - ((double)k - 1) * before) / (double)k;
                before = p;
                p = next;
            }
            slope = (double)n * (x * p - before) / (x * x - 1);
            double step = p / slope;
            x -= step;
            if (fabs(step) < 1e-15)
                break;
        }
        alpha[i] = (1 + x) / 2;
        weight[i] = 1 / ((1 - x * x) * slope * slope);
    }
}

enum err_code quadrature_place(const char *rule, int64_t n, double *alpha, double *weight,
                               struct err *e) {
    if (n < 2 && strcmp(rule, "riemann_trapezoid") == 0)
        return err_set(e, ERR_USAGE, "riemann_trapezoid needs n_steps of at least 2");
    if (strcmp(rule, "gausslegendre") == 0) {
        gauss_legendre(n, alpha, weight);
        return ERR_OK;
    }
    for (int64_t k = 0; k < n; k++) {
        weight[k] = 1.0 / (double)n;
        if (strcmp(rule, "riemann_left") == 0)
            alpha[k] = (double)k / (double)n;
        else if (strcmp(rule, "riemann_right") == 0)
            alpha[k] = (double)(k + 1) / (double)n;
        else if (strcmp(rule, "riemann_middle") == 0)
            alpha[k] = ((double)k + 0.5) / (double)n;
        else { /* trapezoid, with Captum's weights: 1/n although there are n − 1 intervals */
            alpha[k] = (double)k / (double)(n - 1);
            weight[k] = (k == 0 || k == n - 1 ? 0.5 : 1) / (double)n;
        }
    }
    return ERR_OK;
}
