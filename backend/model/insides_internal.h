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
/* Rows of a block's input, for parts that read it; NULL: they read the sum before them. */
struct value *input_rows(struct tape *t, const struct forward *f, const struct stack *s,
                         int64_t layer, const int64_t *rows, int64_t n);
/* A norm of the stack's kind on the host, NULL: none; the caller disposes of it. */
struct row_norm read_norm(struct tape *t, const struct stack *s, const struct norm *w);
/* The same of what a part makes, with the factor that it is added with. */
struct row_norm read_branch_norm(struct tape *t, const struct stack *s,
                                 const struct part_weights *w);
void row_norm_dispose(struct row_norm *norm);
void scale_numbers(float *x, int64_t n, double factor);
/* What a feed-forward layer makes of shares [n, D] of what it reads, x [D]: [n, D], owned by the
 * caller. */
float *share_feed_forward(struct tape *t, const struct forward *f, const struct stack *s,
                          const struct part_weights *w, const float *shares, int64_t n,
                          const float *x);
/* n numbers of x in a new array, owned by the caller; zeros after an error. */
float *read_new(struct tape *t, const tn_tensor *x, int64_t n);

#endif
