/* Experts in the place of a feed-forward layer; see backend/tape/experts.h. */
#include "backend/architectures/parts.h"

struct value *part_experts(struct tape *t, const struct part_weights *w, struct value *x) {
    return tape_experts(t, x, &w->experts); /* [R, D] */
}
