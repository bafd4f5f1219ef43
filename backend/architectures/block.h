/*
 * The only forward of a block. What passes between its parts is a sum with its residual, before any
 * norm that follows it, so that each part can be run alone. Internal to backend/. The worker
 * thread.
 */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_BLOCK_H
#define TINSEQ_BACKEND_ARCHITECTURES_BLOCK_H

#include "backend/architectures/parameters.h"

/* Norms about part i, NULL where there is none: of the sum before it, which makes the states that
 * it adds to (of the last sum, where i is the number of parts); of what it reads; of what it makes.
 */
const struct norm *block_state_norm(const struct stack *s, int64_t layer, int i);
const struct norm *block_read_norm(const struct stack *s, int64_t layer, int i);
const struct norm *block_branch_norm(const struct stack_plan *plan, const struct part_weights *w);
/* The states that part i adds to, of the sum with the part before it (i = 0: the block's input). */
struct value *block_state(const struct stack *s, struct tape *t, int64_t layer, int i,
                          struct value *sum);
/* Block input → the sum with part n − 1; n = 0: the input itself. memory: the encoder's output, for
 * a cross-attention. */
struct value *block_sums(const struct stack *s, struct tape *t, int64_t layer, int n,
                         struct value *input, struct value *memory);
/* The sum with part i − 1 → the block's output. input: the block's own, where all parts read it. */
struct value *block_rest(const struct stack *s, struct tape *t, int64_t layer, int i,
                         struct value *input, struct value *sum, struct value *memory);
/* Block input → block output. */
struct value *block_run(const struct stack *s, struct tape *t, int64_t layer, struct value *x,
                        struct value *memory);

#endif
