/*
 * Several runs of methods on one model that take turns, so that what they ask of it at the same
 * time goes through it together: short texts do not fill its products, and its weights are read
 * once for all of them. Each run has a model of its own in place of the real one; what it asks of
 * that waits until all runs wait, and the requests that are alike become one. What stands behind a
 * shorter text's end is seen by none of it: decoders are causal.
 *
 * Each run is on a stack of its own, one at a time: to the model, to libtorch and to all that is
 * not a run's own there is one thread as ever, the worker.
 */
#ifndef TINSEQ_METHODS_TOGETHER_H
#define TINSEQ_METHODS_TOGETHER_H

#include "backend/model.h"

#include <stddef.h>

/* The i-th run, which may use `m` as its model for the calls that methods make. */
typedef void (*together_task)(void *user, size_t i, struct model *m);

/* Does n runs and returns when all have ended. What goes together keeps at most `room` bytes. A
 * run's results differ from those alone by the rounding of other products. */
void together_run(struct model *behind, const struct model_config *config, int64_t room, size_t n,
                  together_task task, void *user);

#endif
