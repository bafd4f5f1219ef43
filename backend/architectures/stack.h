/* A stack's forward: embeddings, blocks, final norm. Internal to backend/. The worker thread. */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_STACK_H
#define TINSEQ_BACKEND_ARCHITECTURES_STACK_H

#include "backend/architectures/parameters.h"

/* Embeddings [R, E] (scaled, without positions) to the states that enter block 0, [R, D]. */
struct value *stack_begin(const struct stack *s, struct tape *t, struct value *x);
/* Output of block i as the next one reads it: of the last block after the final norm, where there
 * is one. */
struct value *stack_block_end(const struct stack *s, struct tape *t, int64_t i, struct value *x);
/* Blocks from `first` to the last: states that enter `first` to final hidden states. memory: the
 * encoder's output, for a decoder. */
struct value *stack_run(const struct stack *s, struct tape *t, int64_t first, struct value *x,
                        struct value *memory);

#endif
