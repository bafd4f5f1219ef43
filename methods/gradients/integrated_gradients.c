/*
 * Integrated gradients. Sundararajan, Taly and Yan 2017, "Axiomatic attribution for deep networks",
 * equations 1 and 3: the gradient averaged along the straight line from a baseline x′ to the
 * input x, times x − x′. Source and target move together. Reference: Captum's
 * IntegratedGradients and its approximation rules (captum/attr/_utils/approximation_methods.py), as
 * Inseq 0.7.1 calls them. Unlike Inseq, contrast targets work.
 */
#include "methods/engine/path_gradient.h"
#include "methods/engine/quadrature.h"

#include "backend/base/mem.h"

#include <stdlib.h>

/* Where doubling begins, and where it ends unless n_steps is given. */
#define FEWEST_STEPS 8
#define MOST_STEPS 1024

static const struct option_decl options[] = {
    {.name = "n_steps",
     .type = OPTION_INT,
     .default_value = "50",
     .minimum = 1,
     .maximum = 10000,
     .unit = "points",
     .help = "Points of the path at which the gradient is taken; the step score convergence_gap "
             "says whether they were enough."},
    {.name = "method",
     .type = OPTION_CHOICE,
     .default_value = "gausslegendre",
     .choices = quadrature_rules,
     .help = "The rule that approximates the integral."},
    {.name = "return_convergence_delta",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Add the step score deltas: how far the attributions' sum is from f(x) − f(x′)."},
    {.name = "internal_batch_size",
     .type = OPTION_INT,
     .default_value = "50",
     .minimum = 1,
     .maximum = 100000,
     .unit = "points",
     .help = "Accepted for Inseq's sake; batches are cut to fit the memory budget and do not "
             "change the result."},
    {.name = "auto_steps",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Double the points, from 8, until the convergence gap is at most max_gap; n_steps is "
             "then the largest number that is tried."},
    {.name = "max_gap",
     .type = OPTION_FLOAT,
     .default_value = "0.05",
     .minimum = 1e-6,
     .maximum = 10,
     .help = "With auto_steps: the bound of |Σ attributions − (f(x) − f(x′))| / |f(x) − f(x′)|."},
    {.name = "multiply_by_inputs",
     .type = OPTION_BOOL,
     .default_value = "true",
     .help = "Multiply the averaged gradient with x − x′ (in Inseq an argument of load_model)."},
};

struct line {
    const char *rule;
    int64_t n, most;
    double *alpha, *weight;
};

static enum err_code place_points(struct line *l, int64_t n, struct err *e) {
    free(l->alpha);
    free(l->weight);
    l->n = n;
    l->alpha = mem_alloc((size_t)n * sizeof *l->alpha);
    l->weight = mem_alloc((size_t)n * sizeof *l->weight);
    return quadrature_place(l->rule, n, l->alpha, l->weight, e);
}

static bool twice_as_fine(struct path *path) {
    struct line *l = path->user;
    struct err e = {0};
    if (l->n >= l->most || place_points(l, 2 * l->n < l->most ? 2 * l->n : l->most, &e) != ERR_OK)
        return false;
    path->n = l->n;
    path->alpha = l->alpha;
    path->weight = l->weight;
    return true;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    const bool doubling = option_bool(in->options, "auto_steps"),
               multiply = option_bool(in->options, "multiply_by_inputs");
    if (doubling && !multiply)
        return err_set(e, ERR_USAGE,
                       "integrated_gradients: auto_steps looks at the attributions' sum, which "
                       "says nothing without multiply_by_inputs; leave one of them out");
    struct line l = {.rule = option_text(in->options, "method"),
                     .most = option_int(in->options, "n_steps")};
    if (doubling && !option_given(in->options, "n_steps"))
        l.most = MOST_STEPS;
    enum err_code code =
        place_points(&l, doubling && l.most > FEWEST_STEPS ? FEWEST_STEPS : l.most, e);
    struct path line = {.n = l.n,
                        .alpha = l.alpha,
                        .weight = l.weight,
                        .from_baseline = true,
                        .tells_gap = multiply,
                        .user = &l,
                        .finer = doubling ? twice_as_fine : NULL,
                        .bound = option_float(in->options, "max_gap")};
    if (code)
        goto out;
    code = path_gradient_run(out, in, &line, multiply ? path_times_difference : NULL,
                             option_bool(in->options, "return_convergence_delta"), ctl, e);
out:
    free(l.alpha);
    free(l.weight);
    return code;
}

static void cost(struct cost *c, const struct cost_input *in) {
    const bool doubling = option_bool(in->options, "auto_steps");
    int64_t n = doubling ? 8 * FEWEST_STEPS
                         : option_int(in->options, "n_steps"); /* as often as not enough */
    path_gradient_cost(c, in, n, true, true);
    if (doubling) { /* each doubling keeps the points before it */
        c->least = (double)FEWEST_STEPS / (double)n;
        c->most = 4;
        c->worst = (double)MOST_STEPS / (double)n;
    }
}

const struct method method_integrated_gradients = {
    .span = SPAN_LINEAR,
    .columns = COLUMNS_PICKED,
    .decl =
        {.id = "integrated_gradients",
         .title = "Integrated gradients",
         .family = FAMILY_GRADIENT,
         .axes = AXES_TOKENS_WIDTH,
         .needs_attributed_fn = true,
         .options = options,
         .n_options = sizeof options / sizeof options[0],
         .summary = "(x − x′) · ∫ ∂f/∂x along the line from a baseline of unknown "
                    "tokens to the input; its sum is f(x) − f(x′).",
         .paper =
             "Sundararajan et al. 2017, Axiomatic attribution for deep networks, equations 1 and 3",
         .reference = "captum.attr.IntegratedGradients; equal to Inseq's, works with contrast "
                      "targets and always tells its gap"},
    .run = run,
    .cost = cost,
};
