#include "backend/architectures/architecture.h"

struct value *stack_begin(const struct architecture_ops *a, const struct parameters *p, struct tape *t, struct value *x) {
    return tape_layer_end(t, a->adds_positions ? tape_add_positions(t, x, p->positions) : x, 0);
}

struct value *stack_norm(const struct model_config *c, struct tape *t, const struct norm *w, struct value *x) {
    return w->bias ? tape_layer_norm(t, x, w, c->norm_epsilon) : tape_rms_norm(t, x, w, c->norm_epsilon);
}

struct value *stack_block_end(const struct parameters *p, const struct model_config *c, struct tape *t, enum model_stack stack, int64_t i, struct value *x) {
    return stack == STACK_DECODER && i + 1 == c->n_layers && p->final_norm.scale ? stack_norm(c, t, &p->final_norm, x) : x;
}

struct value *stack_run(const struct architecture_ops *a, const struct parameters *p, const struct model_config *c, struct tape *t, enum model_stack stack,
                        int64_t first, struct value *x, struct value *memory) {
    const int64_t n = stack == STACK_ENCODER ? c->n_encoder_layers : c->n_layers;
    if (first == 0 && (first = tape_first_layer(t, &x)) > 0) /* a block whose output is given hides those before it */
        x = stack_block_end(p, c, t, stack, first - 1, x);
    for (int64_t i = first; i < n; i++) {
        x = a->self(p, c, t, stack, i, x);
        if (stack == STACK_DECODER && a->cross)
            x = a->cross(p, c, t, i, x, memory);
        x = stack_block_end(p, c, t, stack, i, tape_site(t, MODULE_BLOCK, i, a->rest(p, c, t, stack, i, x)));
        x = tape_layer_end(t, x, i + 1);
    }
    return x;
}
