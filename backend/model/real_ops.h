/* The calls of a loaded model as a table; its forwards come with theirs. Internal to
 * backend/model/. */
#ifndef TINSEQ_BACKEND_MODEL_REAL_OPS_H
#define TINSEQ_BACKEND_MODEL_REAL_OPS_H

#include "backend/model_ops.h"

extern const struct model_ops real_model_ops;

#endif
