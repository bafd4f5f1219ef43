/*
 * How rows know where they stand: tables that are added to embeddings, or rotations of queries and
 * keys. Internal to backend/. The worker thread.
 */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_POSITIONS_H
#define TINSEQ_BACKEND_ARCHITECTURES_POSITIONS_H

#include "backend/architectures/parameters.h"

/* Whether the stack's table is computed: positions_table makes it, as long as it is wanted. */
bool positions_are_computed(const struct stack_plan *plan);
/* Whether one computed table serves both. */
bool positions_are_alike(const struct stack *a, const struct stack *b);
/* That table on the host, row-major, owned by the caller, for n positions: n rows of *width, or of
 * slopes *n_rows heads of n. Rotations are those of runs up to the configuration's rope_switch. */
double *positions_table(const struct stack *s, const struct parameters *p, int64_t n,
                        int64_t *n_rows, int64_t *width);
/* Su et al. 2021: rotations of a run over `run` tokens, n rows of *width: cosines of the angles,
 * then sines. Those before row `first` are zero. Reference: transformers 4.57,
 * modeling_rope_utils.py. */
double *positions_rotations(const struct stack *s, const struct parameters *p, int64_t run,
                            int64_t first, int64_t n, int64_t *width);
/* Local layers' table of rotations, where they have their own: n rows of *width. */
double *positions_local_table(const struct stack *s, int64_t n, int64_t *width);

/* Of a stack whose positions are buckets, what is added to attention's scores, [H, *columns] on the
 * host, owned by the caller, with distance 0 in column *zero, from the numbers of the buckets
 * [n_buckets, H]. Beyond the columns it stays the same. */
double *positions_biases(const struct stack *s, const float *buckets, int64_t *columns,
                         int64_t *zero);

/* Embeddings [R, D] with positions, where they are added. */
struct value *positions_add(const struct stack *s, struct tape *t, struct value *x);
/* Adds to `heads` what their attention takes from positions: slopes, or buckets. */
void positions_bias(const struct stack *s, const struct tape *t, int64_t layer,
                    struct heads *heads);
/* Queries or keys [R, heads · d] of a layer, rotated where it rotates them. */
struct value *positions_rotate(const struct stack *s, struct tape *t, int64_t layer,
                               struct value *x);

#endif
