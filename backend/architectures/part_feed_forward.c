/* activation(up(x)), Vaswani et al. 2017, section 3.3; or activation(gate(x)) · up(x), Shazeer
 * 2020. */
#include "backend/architectures/parts.h"

struct value *part_feed_forward(const struct stack *s, struct tape *t, const struct part_weights *w,
                                struct value *x) {
    struct value *up = tape_linear(t, x, &w->up); /* [R, F] */
    if (s->plan->gated)
        return tape_gated(t, tape_linear(t, x, &w->gate), up, s->sizes->activation);
    return tape_activation(t, up, s->sizes->activation);
}
