/*
 * What a stack of blocks is made of, as plain data: a family states it
 * (backend/architectures/families/), and all that depends on a block's structure reads it: forward,
 * derivative, generation, decomposition, cost. Plain C. Any thread.
 */
#ifndef TINSEQ_BACKEND_PLAN_H
#define TINSEQ_BACKEND_PLAN_H

#include <stdbool.h>

/* A block's parts, each of which adds what it makes to what it reads. */
enum part { PART_NONE, PART_ATTENTION, PART_RECURRENCE, PART_CROSS_ATTENTION, PART_FEED_FORWARD };

#define PLAN_PARTS 3 /* of a block at most */

struct stack_plan {
    enum part parts[PLAN_PARTS]; /* in their order; PART_NONE where there are fewer */
    bool gated; /* the feed-forward layer is down(activation(gate(x)) · up(x)), else
                   down(activation(up(x))) */
};

static inline bool plan_has(const struct stack_plan *plan, enum part part) {
    bool has = false;
    for (int i = 0; i < PLAN_PARTS; i++)
        has = has || plan->parts[i] == part;
    return has;
}

#endif
