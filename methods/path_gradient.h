/*
 * Gradients of the attributed function along a path in embedding space, for all steps together: saliency and input × gradient are the path of one point (the
 * input itself), integrated gradients the straight line from a baseline. The worker thread only.
 */
#ifndef TINSEQ_METHODS_PATH_GRADIENT_H
#define TINSEQ_METHODS_PATH_GRADIENT_H

#include "methods/engine.h"

struct path {
    int64_t n;             /* points */
    const double *alpha;   /* [n] where each lies between baseline (0) and input (1) */
    const double *weight;  /* [n] of its gradient in the sum */
    bool from_baseline;    /* false: all points are the input; no baseline is needed */
};

/* Turns the weighted sum of gradients of one token's embedding into its attribution, in place: sum [D], x and x′ [D] (x′ zero without a baseline). */
typedef void (*path_finish)(float *sum, const float *x, const float *baseline, int64_t width);

/* Fills out's attributions [rows, G, D] and step scores; `deltas` true adds the step score "deltas": Σ attributions − (f(x) − f(x′)). */
enum err_code path_gradient_run(struct attribution_sequence *out, const struct method_input *in, const struct path *path, path_finish finish, bool deltas,
                                const struct run_ctl *ctl, struct err *e) ERR_CHECKED;

/* What n points cost. */
void path_gradient_cost(struct cost *c, const struct cost_input *in, int64_t n_points, bool from_baseline, bool deltas);

#endif
