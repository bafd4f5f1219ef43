/*
 * Gradients of the attributed function along a path in embedding space, for all steps together:
 * saliency and input × gradient are the path of one point (the input itself), integrated gradients
 * the straight line from a baseline; other methods bring their own points. The worker thread only.
 */
#ifndef TINSEQ_METHODS_PATH_GRADIENT_H
#define TINSEQ_METHODS_PATH_GRADIENT_H

#include "methods/engine/path.h"

void path_times_difference(float *sum, const float *x, const float *baseline,
                           int64_t width); /* sum · (x − x′) */

/* Fills out's attributions [rows, G, E] and step scores; `deltas` true adds the step score
 * "deltas": Σ attributions − (f(x) − f(x′)). With `finer` also those, and "n_steps", the
 * points a column took. */
enum err_code path_gradient_run(struct attribution_sequence *out, const struct method_input *in,
                                const struct path *path, path_finish finish, bool deltas,
                                const struct run_ctl *ctl, struct err *e) ERR_CHECKED;

/* What n points cost. */
void path_gradient_cost(struct cost *c, const struct cost_input *in, int64_t n_points,
                        bool from_baseline, bool deltas);

#endif
