/*
 * A method run in parts. On a model whose rotations depend on how long a text is
 * (model_config_alike_until): steps that one run cannot serve are run apart, each by the run of its
 * own prefix, and what comes of them is put together. A method knows nothing of it: it sees some of
 * the steps, in a text that ends with them. Columns that nobody wants stay without numbers, and are
 * not done; whether others around them share a run says method.columns. The worker thread only.
 */
#ifndef TINSEQ_METHODS_APART_H
#define TINSEQ_METHODS_APART_H

#include "methods/method.h"

/* The method's run, or one for each group of steps, one after another. Errors: as method.run's. */
enum err_code apart_run(struct attribution_sequence *out, const struct method *method,
                        const struct method_input *in, const struct run_ctl *ctl,
                        struct err *e) ERR_CHECKED;
/* One run of the method for each of in->n_foils, each a column; they share the forward of the input
 * where it is the same one (shared_model.h). Errors: as method.run's. */
enum err_code foils_run(struct attribution_sequence *out, const struct method *method,
                        const struct method_input *in, const struct run_ctl *ctl,
                        struct err *e) ERR_CHECKED;

#endif
