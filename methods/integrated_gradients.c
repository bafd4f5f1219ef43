/*
 * Integrated gradients. Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep networks", equations 1 and 3: the gradient averaged along the straight
 * line from a baseline x′ to the input x, times x − x′. Source and target move together.
 * Reference: Captum's IntegratedGradients and its approximation rules (captum/attr/_utils/approximation_methods.py), as Inseq 0.7.1 calls
 * them. Unlike Inseq, contrast targets work.
 */
#include "methods/path_gradient.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const rules[] = {"gausslegendre", "riemann_left", "riemann_right", "riemann_middle", "riemann_trapezoid", NULL};

static const struct option_decl options[] = {
    {.name = "n_steps", .type = OPTION_INT, .default_value = "50", .minimum = 1, .maximum = 10000, .unit = "points",
     .help = "Points of the path at which the gradient is taken."},
    {.name = "method", .type = OPTION_CHOICE, .default_value = "gausslegendre", .choices = rules, .help = "The rule that approximates the integral."},
    {.name = "return_convergence_delta", .type = OPTION_BOOL, .default_value = "false",
     .help = "Add the step score deltas: how far the attributions' sum is from f(x) − f(x′)."},
    {.name = "internal_batch_size", .type = OPTION_INT, .default_value = "50", .minimum = 1, .maximum = 100000, .unit = "points",
     .help = "Accepted for Inseq's sake; batches are cut to fit the memory budget and do not change the result."},
};

/* Nodes and weights of Gauss-Legendre quadrature on [0, 1]: roots of the Legendre polynomial by Newton's method. */
static void gauss_legendre(int64_t n, double *alpha, double *weight) {
    for (int64_t i = 0; i < n; i++) {
        double x = -cos(M_PI * ((double)i + 0.75) / ((double)n + 0.5)), slope = 1;
        for (int round = 0; round < 100; round++) {
            double p = 1, before = 0;
            for (int64_t k = 1; k <= n; k++) {
                double next = ((2.0 * (double)k - 1) * x * p - ((double)k - 1) * before) / (double)k;
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

static void place(const char *rule, int64_t n, double *alpha, double *weight) {
    if (strcmp(rule, "gausslegendre") == 0) {
        gauss_legendre(n, alpha, weight);
        return;
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
}

static void finish(float *sum, const float *x, const float *baseline, int64_t width) {
    for (int64_t k = 0; k < width; k++)
        sum[k] *= x[k] - baseline[k];
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in, const struct run_ctl *ctl, struct err *e) {
    int64_t n = option_int(in->options, "n_steps");
    const char *rule = option_text(in->options, "method");
    if (n < 2 && strcmp(rule, "riemann_trapezoid") == 0)
        return err_set(e, ERR_USAGE, "integrated_gradients: riemann_trapezoid needs n_steps of at least 2");
    double *alpha = mem_alloc((size_t)n * sizeof *alpha), *weight = mem_alloc((size_t)n * sizeof *weight);
    place(rule, n, alpha, weight);
    struct path line = {n, alpha, weight, true};
    enum err_code code = path_gradient_run(out, in, &line, finish, option_bool(in->options, "return_convergence_delta"), ctl, e);
    free(alpha);
    free(weight);
    return code;
}

static void cost(struct cost *c, const struct cost_input *in) {
    path_gradient_cost(c, in, option_int(in->options, "n_steps"), true, option_bool(in->options, "return_convergence_delta"));
}

const struct method method_integrated_gradients = {
    .decl = {.id = "integrated_gradients", .title = "Integrated gradients", .family = FAMILY_GRADIENT, .axes = AXES_TOKENS_WIDTH, .needs_attributed_fn = true,
             .options = options, .n_options = sizeof options / sizeof options[0],
             .summary = "(x − x′) · ∫ ∂f/∂x along the line from a baseline of unknown tokens to the input; its sum is f(x) − f(x′).",
             .paper = "Sundararajan et al. 2017, Axiomatic attribution for deep networks, equations 1 and 3",
             .reference = "captum.attr.IntegratedGradients; equal to Inseq's, and works with contrast targets"},
    .run = run,
    .cost = cost,
};
