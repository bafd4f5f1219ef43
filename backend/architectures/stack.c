#include "backend/architectures/architecture.h"

struct value *stack_begin(const struct architecture_ops *a, const struct parameters *p, struct tape *t, struct value *x) {
    return tape_layer_end(t, a->adds_positions ? tape_add_positions(t, x, p->positions) : x, 0);
}

struct value *stack_run(const struct architecture_ops *a, const struct parameters *p, const struct model_config *c, struct tape *t, enum model_stack stack,
                        int64_t first, struct value *x, struct value *memory) {
    const int64_t n = stack == STACK_ENCODER ? c->n_encoder_layers : c->n_layers;
    for (int64_t i = first; i < n; i++) {
        x = a->self(p, c, t, stack, i, x);
        if (stack == STACK_DECODER && a->cross)
            x = a->cross(p, c, t, i, x, memory);
        x = tape_layer_end(t, a->rest(p, c, t, stack, i, x), i + 1);
    }
    return x;
}
