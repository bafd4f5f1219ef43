#include "backend/architectures/block.h"

#include "backend/architectures/norm.h"
#include "backend/architectures/parts.h"

#include <stddef.h>

/* A part's last map is missing where what it makes is added as it is; not all are modules. */
struct ending {
    bool has_map, is_module;
    size_t map; /* its offset in struct part_weights */
    enum model_module module;
};

static const struct ending endings[] = {
    [PART_ATTENTION] = {true, true, offsetof(struct part_weights, output), MODULE_ATTENTION},
    [PART_RECURRENCE] = {false, true, 0, MODULE_ATTENTION},
    [PART_CROSS_ATTENTION] = {true, false, offsetof(struct part_weights, output), 0},
    [PART_FEED_FORWARD] = {true, true, offsetof(struct part_weights, down), MODULE_MLP},
};

static bool norms_first(const struct stack_plan *plan) {
    return plan->norm_place == NORM_BEFORE || plan->norm_place == NORM_AROUND_BRANCH;
}

const struct norm *block_branch_norm(const struct stack_plan *plan, const struct part_weights *w) {
    if (plan->norm_place == NORM_AROUND_BRANCH)
        return &w->after;
    return plan->norm_place == NORM_AFTER_BRANCH ? &w->norm : NULL;
}

static struct value *inside(const struct stack *s, struct tape *t, int64_t layer, int i,
                            struct value *x, struct value *memory) {
    const struct part_weights *w = &s->blocks[layer].parts[i];
    switch (s->plan->parts[i]) {
    case PART_ATTENTION:
        return part_attention(s, t, layer, w, x);
    case PART_RECURRENCE:
        return part_recurrence(t, layer, w, x);
    case PART_CROSS_ATTENTION:
        return part_cross_attention(s, t, layer, w, x, memory);
    case PART_FEED_FORWARD:
        return w->experts.n ? part_experts(t, w, x) : part_feed_forward(s, t, w, x);
    case PART_NONE:
        break;
    }
    return x;
}

/* residual + norm(map(x)), in one operation where it can be. */
static struct value *add(const struct stack *s, struct tape *t, int64_t layer, int i,
                         struct value *x, struct value *residual) {
    const struct part_weights *w = &s->blocks[layer].parts[i];
    const struct ending *ending = &endings[s->plan->parts[i]];
    const struct norm *norm = block_branch_norm(s->plan, w);
    const struct weight *map = (const void *)((const char *)w + ending->map);
    const double scale = s->config->branch_scale;
    const bool has_map = ending->has_map && !w->experts.n, /* experts have theirs behind them */
        at_once = has_map && !norm && scale == 0;
    if (at_once && ending->is_module)
        return tape_linear_site(t, x, map, residual, ending->module, layer);
    if (at_once)
        return tape_linear_add(t, x, map, residual);
    if (has_map)
        x = tape_linear(t, x, map);
    if (ending->is_module)
        x = tape_site(t, ending->module, layer, x);
    if (norm)
        x = norm_apply(s, t, norm, x);
    if (scale > 0)
        x = tape_multiply(t, x, scale);
    return t->code ? NULL : tape_add(t, x, residual);
}

const struct norm *block_state_norm(const struct stack *s, int64_t layer, int i) {
    const struct part_weights *parts = s->blocks[layer].parts;
    if (s->plan->norm_place == NORM_BEFORE_BOTH && i < PLAN_PARTS && s->plan->parts[i])
        return &parts[i].norm;
    return s->plan->norm_place == NORM_AFTER_SUM && i > 0 ? &parts[i - 1].norm : NULL;
}

const struct norm *block_read_norm(const struct stack *s, int64_t layer, int i) {
    const struct part_weights *parts = s->blocks[layer].parts;
    if (!norms_first(s->plan))
        return NULL;
    return s->plan->shared_norm ? &parts[0].norm : &parts[i].norm;
}

struct value *block_state(const struct stack *s, struct tape *t, int64_t layer, int i,
                          struct value *sum) {
    const struct norm *norm = block_state_norm(s, layer, i);
    return norm ? norm_apply(s, t, norm, sum) : sum;
}

/* A block on its way: its input, and the norm of it that all parts share, once there is one. */
struct way {
    const struct stack *stack;
    struct tape *tape;
    int64_t layer;
    struct value *input, *shared, *memory;
};

/* What part i reads of the states that it adds to. */
static struct value *read_by(struct way *y, int i, struct value *residual) {
    const struct stack_plan *plan = y->stack->plan;
    const struct norm *norm = block_read_norm(y->stack, y->layer, i);
    struct value *x = plan->join == JOIN_SIDE_BY_SIDE ? y->input : residual;
    if (!norm)
        return x;
    if (!plan->shared_norm)
        return norm_apply(y->stack, y->tape, norm, x);
    if (!y->shared)
        y->shared = norm_apply(y->stack, y->tape, norm, y->input);
    return y->shared;
}

/* The sum with part i. */
static struct value *add_part(struct way *y, int i, struct value *sum) {
    const struct stack *s = y->stack;
    struct value *residual = block_state(s, y->tape, y->layer, i, sum),
                 *x = read_by(y, i, residual);
    return add(s, y->tape, y->layer, i, inside(s, y->tape, y->layer, i, x, y->memory), residual);
}

struct value *block_sums(const struct stack *s, struct tape *t, int64_t layer, int n,
                         struct value *input, struct value *memory) {
    struct way y = {s, t, layer, input, NULL, memory};
    struct value *sum = input;
    for (int i = 0; i < n; i++)
        sum = add_part(&y, i, sum);
    return sum;
}

struct value *block_rest(const struct stack *s, struct tape *t, int64_t layer, int i,
                         struct value *input, struct value *sum, struct value *memory) {
    struct way y = {s, t, layer, input, NULL, memory};
    for (; i < PLAN_PARTS && s->plan->parts[i]; i++)
        sum = add_part(&y, i, sum);
    return block_state(s, t, layer, i, sum);
}

struct value *block_run(const struct stack *s, struct tape *t, int64_t layer, struct value *x,
                        struct value *memory) {
    return tape_site(t, MODULE_BLOCK, layer, block_rest(s, t, layer, 0, x, x, memory));
}
