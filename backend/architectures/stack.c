#include "backend/architectures/stack.h"

#include "backend/architectures/block.h"
#include "backend/architectures/norm.h"
#include "backend/architectures/positions.h"

static struct dropout_rates rates_of(const struct tape *t) {
    return t->dropout ? t->dropout->rates : (struct dropout_rates){.embedding = 0};
}

struct value *stack_begin(const struct stack *s, struct tape *t, struct value *x) {
    if (s->which == STACK_DECODER && s->config->input_scale > 0)
        x = tape_multiply(t, x, s->config->input_scale);
    if (s->plan->embedding_map)
        x = tape_linear(t, x, &s->embedding_map);
    const bool first = s->plan->norm_before_positions;
    if (!first)
        x = positions_add(s, t, x);
    if (s->plan->embedding_norm)
        x = norm_apply(s, t, &s->embedding_norm, x);
    if (first)
        x = positions_add(s, t, x);
    return tape_layer_end(t, tape_dropout(t, x, rates_of(t).embedding), 0);
}

struct value *stack_block_end(const struct stack *s, struct tape *t, int64_t i, struct value *x) {
    if (i + 1 < s->n_layers)
        return x;
    if (s->plan->final_norm)
        x = norm_apply(s, t, &s->final_norm, x);
    return tape_dropout(t, x, rates_of(t).final);
}

static struct value *run_block(const struct replay *r, struct tape *t, struct value *x,
                               struct value *memory) {
    return block_run(r->user, t, r->layer, x, memory);
}

struct value *stack_run(const struct stack *s, struct tape *t, int64_t first, struct value *x,
                        struct value *memory) {
    if (first == 0 && (first = tape_first_layer(t, &x)) >
                          0) /* a block whose output is given hides those before it */
        x = stack_block_end(s, t, first - 1, x);
    for (int64_t i = first; i < s->n_layers; i++) {
        const struct replay block = {run_block, s, s->which, i};
        x = stack_block_end(s, t, i, tape_replay(t, &block, x, memory));
        x = tape_layer_end(t, x, i + 1);
    }
    return x;
}
