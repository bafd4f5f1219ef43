/* What the slots of tensors are: how each is filled, where in a model's parameters, and of which
 * size. Internal to backend/. Any thread. */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_SLOTS_H
#define TINSEQ_BACKEND_ARCHITECTURES_SLOTS_H

#include "backend/architectures/family.h"
#include "backend/places.h"

/* How a slot is filled. */
enum slot_kind {
    SLOT_IS_NONE,
    SLOT_IS_MAP,
    SLOT_IS_QKV,
    SLOT_IS_GATE_UP,
    SLOT_IS_KEY_VALUE,
    SLOT_IS_TABLE,
    SLOT_IS_MATRIX,
    SLOT_IS_NORM,
    SLOT_IS_VECTOR,
    SLOT_IS_HOST,    /* numbers, read at once; may be missing */
    SLOT_IS_NUMBERS, /* the same, which must be there */
    SLOT_IS_ROWS     /* a table that stays in the file, of at least so many rows */
};
enum slot_dim {
    DIM_ONE,
    DIM_WIDTH,
    DIM_EMBEDDING,
    DIM_FFN,
    DIM_QUERIES,
    DIM_KEYS,
    DIM_QUERY_NORM,
    DIM_KEY_NORM,
    DIM_VOCAB,
    DIM_SOURCE_VOCAB,
    DIM_BUCKETS,
    DIM_HEADS,
    DIM_POSITIONS,
    DIM_TOKEN_TYPES,
    DIM_PAIRS,
    DIM_EXPERTS,
    DIM_EXPERT_FFN,
    DIM_SHARED_FFN
};

/* `at` is within struct expert where it is an expert's, within struct part_weights where a part is
 * named, else within struct stack from SLOT_POSITIONS on, and before within struct parameters. */
struct slot_is {
    enum slot_kind kind;
    size_t at;
    enum slot_dim out, in;
    enum part part; /* whose it is; PART_NONE: the stack's or the model's */
    enum { OF_PART, OF_MIXTURE, OF_EACH_EXPERT, OF_SHARED_EXPERT } whose; /* within the part */
};

const struct slot_is *slot_is(enum slot slot);
/* Whether a stack, of a model's own slots its decoder, has what would fill this slot, and files of
 * this layout have it. */
bool slot_is_wanted(const struct stack_plan *plan, const struct family_layout *l, enum slot slot);
/* Whether one of its layers has it: a feed-forward layer is one, or a mixture of experts, perhaps
 * with a shared one. */
bool slot_is_of_layer(const struct stack_plan *plan, int64_t layer, enum slot slot);
int64_t slot_size(const struct model_config *c, enum model_stack stack, enum slot_dim dim);

#endif
