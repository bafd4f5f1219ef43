#include "backend/architectures/architecture.h"

struct value *stack_begin(const struct architecture_ops *a, const struct parameters *p,
                          struct tape *t, struct value *x) {
    return tape_layer_end(t, a->adds_positions ? tape_add_positions(t, x, p->positions) : x, 0);
}

struct value *stack_norm(const struct model_config *c, struct tape *t, const struct norm *w,
                         struct value *x) {
    return w->bias ? tape_layer_norm(t, x, w, c->norm_epsilon)
                   : tape_rms_norm(t, x, w, c->norm_epsilon);
}

struct value *stack_block_end(const struct parameters *p, const struct model_config *c,
                              struct tape *t, enum model_stack stack, int64_t i, struct value *x) {
    return stack == STACK_DECODER && i + 1 == c->n_layers && p->final_norm.scale
               ? stack_norm(c, t, &p->final_norm, x)
               : x;
}

static struct value *run_block(const struct replay *r, struct tape *t, struct value *x,
                               struct value *memory) {
    const struct architecture_ops *a = r->architecture;
    const struct parameters *p = r->parameters;
    const struct model_config *c = r->config;
    x = a->self(p, c, t, r->stack, r->layer, x);
    if (r->stack == STACK_DECODER && a->cross)
        x = a->cross(p, c, t, r->layer, x, memory);
    return tape_site(t, MODULE_BLOCK, r->layer, a->rest(p, c, t, r->stack, r->layer, x));
}

struct value *stack_run(const struct architecture_ops *a, const struct parameters *p,
                        const struct model_config *c, struct tape *t, enum model_stack stack,
                        int64_t first, struct value *x, struct value *memory) {
    const int64_t n = stack == STACK_ENCODER ? c->n_encoder_layers : c->n_layers;
    if (first == 0 && (first = tape_first_layer(t, &x)) >
                          0) /* a block whose output is given hides those before it */
        x = stack_block_end(p, c, t, stack, first - 1, x);
    for (int64_t i = first; i < n; i++) {
        const struct replay block = {run_block, a, p, c, stack, i};
        x = stack_block_end(p, c, t, stack, i, tape_replay(t, &block, x, memory));
        x = tape_layer_end(t, x, i + 1);
    }
    return x;
}
