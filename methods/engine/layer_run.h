/*
 * Gradients of the attributed function with respect to what layers yield, for all steps and layers
 * together: at the input itself in one walk backwards, or along the straight line between what a
 * layer yields for the baseline and for the input. The worker thread only.
 */
#ifndef TINSEQ_METHODS_LAYER_RUN_H
#define TINSEQ_METHODS_LAYER_RUN_H

#include "methods/engine/layers.h"

/* Turns the (weighted sum of) gradients of one row of one layer's output into its attribution, in
 * place: sum [D], a and a′ [D]; a′ zero without a baseline. */
typedef void (*layer_finish)(float *sum, const float *a, const float *baseline, int64_t width);
void layer_times_activation(float *sum, const float *a, const float *baseline,
                            int64_t width); /* sum · a */
void layer_times_difference(float *sum, const float *a, const float *baseline,
                            int64_t width); /* sum · (a − a′) */

struct layer_method {
    const char *id;
    layer_finish finish;  /* NULL: the sum itself */
    bool baseline;        /* finish wants a′ */
    enum rescale rescale; /* backend/model.h; needs baseline */
    bool summed; /* over the width: [rows, G, layers]; else [rows, G, D] for one layer, [rows, G,
                    layers, D] for more */
    bool deltas; /* of one layer: Σ attributions − (f with a − f with a′) as a step score */
    int64_t n_points; /* of the line from a′ to a; 0: at the input itself */
    const double *alpha, *weight;
};

enum err_code layer_run(struct attribution_sequence *out, const struct method_input *in,
                        const struct layer_method *m, const struct run_ctl *ctl,
                        struct err *e) ERR_CHECKED;
/* What it costs with n_points of a line, 0: at the input. */
void layer_cost(struct cost *c, const struct cost_input *in, int64_t n_points, bool baseline,
                bool summed);

#endif
