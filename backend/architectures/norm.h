/* A stack's norms. Internal to backend/. The worker thread. */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_NORM_H
#define TINSEQ_BACKEND_ARCHITECTURES_NORM_H

#include "backend/architectures/parameters.h"

/* A norm of the kind that the stack's plan says: x [R, D] → [R, D]. */
struct value *norm_apply(const struct stack *s, struct tape *t, const struct norm *w,
                         struct value *x);

#endif
