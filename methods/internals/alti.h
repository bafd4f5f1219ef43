/* One layer of ALTI, which ALTI-Logit uses too. The worker thread only. */
#ifndef TINSEQ_METHODS_ALTI_H
#define TINSEQ_METHODS_ALTI_H

#include "methods/engine/mixing.h"

/* Parts of row i: see rollout_row. */
enum err_code alti_row(const struct rollout_view *v, int64_t i, float *own, float *source,
                       struct err *e) ERR_CHECKED;

#endif
