/*
 * What a stack of blocks is made of, as plain data: a family states it
 * (backend/architectures/families/), and all that depends on a block's structure reads it: forward,
 * derivative, generation, decomposition, cost. Nothing of it is inferred from which tensors a file
 * has. Plain C. Any thread.
 */
#ifndef TINSEQ_BACKEND_PLAN_H
#define TINSEQ_BACKEND_PLAN_H

#include <stdbool.h>
#include <stdint.h>

/* A block's parts, each of which adds what it makes to what it reads. */
enum part { PART_NONE, PART_ATTENTION, PART_RECURRENCE, PART_CROSS_ATTENTION, PART_FEED_FORWARD };

#define PLAN_PARTS 3 /* of a block at most */

/* A layer norm with scale and shift, with a scale alone, or with neither; a root mean square norm;
 * and of those with a scale, that whose scale is 1 + the checkpoint's. */
enum norm_kind {
    NORM_LAYER,
    NORM_LAYER_PLUS_ONE,
    NORM_LAYER_UNSHIFTED,
    NORM_LAYER_PLAIN,
    NORM_RMS,
    NORM_RMS_PLUS_ONE
};
/* Norms of queries and keys, before they are rotated, of the stack's kind: none; each head by
 * itself, with one scale for all or a scale for each; or all heads together. */
enum query_norm { QUERY_NORM_NONE, QUERY_NORM_BY_HEAD, QUERY_NORM_OF_EACH_HEAD, QUERY_NORM_WHOLE };
/* Where a part's norm n stands, of what it reads x and makes p: x + p(n(x)); n(x + p(x));
 * x + n(p(x)); x + m(p(n(x))), with a second norm m; n(x) + p(n(x)). */
enum norm_place {
    NORM_BEFORE,
    NORM_AFTER_SUM,
    NORM_AFTER_BRANCH,
    NORM_AROUND_BRANCH,
    NORM_BEFORE_BOTH
};
/* A part reads the sum with the one before it, or all of them read the block's input. */
enum join { JOIN_IN_TURN, JOIN_SIDE_BY_SIDE };
/* Before the head: nothing; a map; or a map, the activation and a norm. */
enum head_map { HEAD_MAP_NONE, HEAD_MAP_ALONE, HEAD_MAP_BENT };
/* None; a table of the checkpoint or sinusoids, added to the embeddings; rotations of queries and
 * keys; a slope for each head, by which scores of its self-attention fall with the distance
 * (ALiBi); or numbers of each head that are added to them, one for every range of distances. */
enum position_kind {
    POSITION_NONE,
    POSITION_LEARNED,
    POSITION_SINUSOID,
    POSITION_ROTARY,
    POSITION_SLOPES,
    POSITION_BUCKETS
};

/* Some of a stack's layers. */
#define PLAN_LAYERS 1024
struct layer_set {
    uint64_t bits[PLAN_LAYERS / 64];
};

static inline bool layer_in(const struct layer_set *set, int64_t layer) {
    return set->bits[layer / 64] >> layer % 64 & 1;
}

static inline void layer_add(struct layer_set *set, int64_t layer) {
    set->bits[layer / 64] |= (uint64_t)1 << layer % 64;
}

static inline void layer_remove(struct layer_set *set, int64_t layer) {
    set->bits[layer / 64] &= ~((uint64_t)1 << layer % 64);
}

/* How many of the first n layers are in it. */
static inline int64_t layer_count(const struct layer_set *set, int64_t n) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        count += layer_in(set, i);
    return count;
}

struct stack_plan {
    enum part parts[PLAN_PARTS]; /* in their order; PART_NONE where there are fewer */
    bool gated; /* the feed-forward layer is down(activation(gate(x)) · up(x)), else
                   down(activation(up(x))) */
    enum norm_kind norm;
    enum norm_place norm_place;
    enum query_norm query_norm;
    enum join join;
    bool shared_norm; /* side by side, all parts read the norm of the first; or each has its own */
    enum position_kind positions;
    bool sinusoid_inclusive; /* the slowest sinusoid has the frequency 1/10000 itself */
    bool padding_unmoved;    /* the sinusoids' row of the padding token's id is zero */
    bool sinusoid_endless;   /* beyond n_positions too */
    bool rotations_restart;  /* where a text that is generated comes to have other rotations
                                (rope_switch), its keys are computed again; or they stay */
    int position_offset;     /* rows of a table, or sinusoids, before those of the first position */
    bool slopes_rounded;     /* as Falcon has them: by the key's place, in bfloat16, over √d */
    bool own_buckets;        /* every layer has its own, or all have the first one's */
    bool token_types;        /* the first row of their table is added to every position's */
    bool embedding_map;      /* a map from embeddings to what positions are added to */
    bool embedding_norm, final_norm;
    enum head_map head_map;
    bool norm_before_positions; /* the embeddings' norm: positions are added to what it yields */
    struct layer_set local;     /* whose self-attention sees a window (model_config's n_window) */
    struct layer_set unrotated; /* of POSITION_ROTARY, those without rotations */
    struct layer_set mixed;     /* whose feed-forward layer is a mixture of experts, gated ones */
    bool shared_expert;         /* one of them is every row's */
};

/* Whether a norm adds a shift, and one to its scale. */
static inline bool norm_shifts(enum norm_kind kind) {
    return kind == NORM_LAYER || kind == NORM_LAYER_PLUS_ONE;
}
static inline bool norm_adds_one(enum norm_kind kind) {
    return kind == NORM_LAYER_PLUS_ONE || kind == NORM_RMS_PLUS_ONE;
}

/* Whether a norm subtracts the mean. */
static inline bool norm_centres(enum norm_kind kind) {
    return kind != NORM_RMS && kind != NORM_RMS_PLUS_ONE;
}

/* The place of a part in a block; −1: it has none such. */
static inline int plan_index(const struct stack_plan *plan, enum part part) {
    for (int i = 0; i < PLAN_PARTS; i++)
        if (plan->parts[i] == part)
            return i;
    return -1;
}

/* Whether sums pass a norm before anything is added to them: then what parts make does not add up
 * to a stack's output. */
static inline bool plan_norms_sums(const struct stack_plan *plan) {
    return plan->norm_place == NORM_AFTER_SUM || plan->norm_place == NORM_BEFORE_BOTH;
}

static inline bool plan_has(const struct stack_plan *plan, enum part part) {
    return plan_index(plan, part) >= 0;
}

#endif
