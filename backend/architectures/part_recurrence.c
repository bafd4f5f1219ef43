/* A simpler simple recurrent unit in the place of self-attention. Kim et al. 2019, "From research
 * to production and back"; reference: marian-dev, src/rnn/cells.h (SSRU). */
#include "backend/architectures/parts.h"

struct value *part_recurrence(struct tape *t, int64_t layer, const struct part_weights *w,
                              struct value *x) {
    struct value *gate = tape_linear(t, x, &w->recurrent_gate); /* [R, D] */
    return tape_activation(t,
                           tape_recurrence(t, tape_linear(t, x, &w->recurrent_input), gate, layer),
                           ACTIVATION_RELU);
}
