/* Tapes over a few rows of a finished forward. Internal to backend/model/. The worker thread. */
#ifndef TINSEQ_BACKEND_MODEL_INSIDES_INTERNAL_H
#define TINSEQ_BACKEND_MODEL_INSIDES_INTERNAL_H

#include "backend/model/forward.h"

/* Makes t a tape for n rows of one stack over the same encoder output; the value of `rows`, NULL
 * without them. */
struct value *open_rows(struct tape *t, const struct forward *f, enum model_stack stack, int64_t n,
                        tn_tensor *rows);
/* Ends it. Its first error is the caller's. */
enum err_code close_rows(struct tape *t, struct err *e) ERR_CHECKED;
/* Host rows [n, D] as a value; a view while they live. */
struct value *wrap_rows(struct tape *t, const struct forward *f, enum model_stack stack,
                        const float *host, int64_t n);
/* The stack that a forward ran through. */
const struct stack *stack_of(const struct forward *f, enum model_stack stack);
/* n numbers of x in a new array, owned by the caller; zeros after an error. */
float *read_new(struct tape *t, const tn_tensor *x, int64_t n);

#endif
