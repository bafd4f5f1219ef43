/* What a user's method is given to run with: plain data and calls, over the engine. The worker
 * thread only. */
#ifndef TINSEQ_METHODS_OWN_OWN_RUN_H
#define TINSEQ_METHODS_OWN_OWN_RUN_H

#include "methods/method.h"
#include "methods/own/tinseq-method.h"

/* A method's run; errors are those of the model where a call failed, and USAGE where the method
 * itself says that something is wrong. */
enum err_code own_run(struct attribution_sequence *out, const struct tinseq_method *own,
                      const struct method_input *in, const struct run_ctl *ctl,
                      struct err *e) ERR_CHECKED;
/* Values of its options in their order, out [PLUGIN_MOST_OPTIONS]. */
void own_arguments(double *out, const struct option_set *options);

#endif
