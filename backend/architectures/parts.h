/*
 * A block's parts, one file each (part_*.c): what they make of normed states x [R, D] before their
 * last map. Internal to backend/. The worker thread.
 */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_PARTS_H
#define TINSEQ_BACKEND_ARCHITECTURES_PARTS_H

#include "backend/architectures/parameters.h"

/* [R, H·d], [R, H·d], [R, F], [R, D]. */
struct value *part_attention(const struct stack *s, struct tape *t, int64_t layer,
                             const struct part_weights *w, struct value *x);
/* The values alone, [R, K·d]. */
struct value *part_values(const struct stack *s, struct tape *t, const struct part_weights *w,
                          struct value *x);
struct value *part_cross_attention(const struct stack *s, struct tape *t, int64_t layer,
                                   const struct part_weights *w, struct value *x,
                                   struct value *memory);
struct value *part_feed_forward(const struct stack *s, struct tape *t, const struct part_weights *w,
                                struct value *x);
/* What the experts make of x, after their last maps: [R, D]. */
struct value *part_experts(struct tape *t, const struct part_weights *w, struct value *x);
struct value *part_recurrence(struct tape *t, int64_t layer, const struct part_weights *w,
                              struct value *x);

#endif
