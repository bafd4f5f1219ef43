/*
 * Gradients of the attributed function along a path in embedding space, for all steps together:
 * saliency and input × gradient are the path of one point (the input itself), integrated gradients
 * the straight line from a baseline; other methods bring their own points. The worker thread only.
 */
#ifndef TINSEQ_METHODS_PATH_GRADIENT_H
#define TINSEQ_METHODS_PATH_GRADIENT_H

#include "methods/engine/engine.h"
#include "methods/engine/path_inputs.h"

struct path;
/* Writes [n_rows, D] about point p of one side. */
typedef void (*path_write)(const struct path *path, const struct path_side *s, int64_t p,
                           int64_t n_rows, float *out);

struct path {
    int64_t n;            /* points */
    const double *alpha;  /* [n] where each lies between baseline (0) and input (1) */
    const double *weight; /* [n] of its gradient in the sum */
    bool from_baseline;   /* false: all points are the input; only `finish` may want a baseline */
    bool needs_baseline;  /* `finish` does */
    bool one_by_one; /* every token moves alone, along all n points, the others at the input; only
                        its own row is attributed then */
    bool tells_gap; /* adds the step score "convergence_gap": |deltas| relative to the difference */
    /* not NONE: two points, the input and its reference; see backend/model.h */
    enum rescale rescale;
    path_write point; /* the embeddings; NULL: the straight line */
    /* what the gradient is multiplied with, element by element; NULL: the weight */
    path_write step;
    void *user;
    /* After all points: true if columns whose convergence gap is above `bound` shall be tried with
     * a finer path, which it has put in place; it needs tells_gap. NULL: never. */
    bool (*finer)(struct path *path);
    double bound;
};

/* Turns the weighted sum of gradients of one token's embedding into its attribution, in place: sum
 * [D], x and x′ [D] (x′ zero without a baseline). NULL: the sum is the attribution. */
typedef void (*path_finish)(float *sum, const float *x, const float *baseline, int64_t width);
void path_times_difference(float *sum, const float *x, const float *baseline,
                           int64_t width); /* sum · (x − x′) */

/* Fills out's attributions [rows, G, D] and step scores; `deltas` true adds the step score
 * "deltas": Σ attributions − (f(x) − f(x′)). With `finer` also those, and "n_steps", the
 * points a column took. */
enum err_code path_gradient_run(struct attribution_sequence *out, const struct method_input *in,
                                const struct path *path, path_finish finish, bool deltas,
                                const struct run_ctl *ctl, struct err *e) ERR_CHECKED;

/* What n points cost. */
void path_gradient_cost(struct cost *c, const struct cost_input *in, int64_t n_points,
                        bool from_baseline, bool deltas);

#endif
