/* A path in embedding space, and what becomes of the gradients along it. */
#ifndef TINSEQ_METHODS_PATH_H
#define TINSEQ_METHODS_PATH_H

#include "methods/engine/engine.h"
#include "methods/engine/path_inputs.h"

struct path;
/* Writes [n_rows, E] about point p of one side. */
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
 * [E], x and x′ [E] (x′ zero without a baseline). NULL: the sum is the attribution. */
typedef void (*path_finish)(float *sum, const float *x, const float *baseline, int64_t width);
#endif
