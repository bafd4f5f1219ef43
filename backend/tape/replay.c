/*
 * Blocks that are computed twice (Chen et al. 2016, "Training deep nets with sublinear memory
 * cost"): a forward pass over a long text keeps only what enters each block; the walk backwards
 * computes a block again on a tape of its own, walks that, and lets go of it.
 */
#include "backend/tape/internal.h"

static void replay_vjp(struct backward *b, struct node *n) {
    struct tape *whole = b->tape, again;
    tape_init(&again, whole->tn, b->ctl);
    again.keep_gradient = true;
    again.rescale = whole->rescale;
    again.rotations = whole->rotations;
    again.spaces[STACK_ENCODER] = whole->spaces[STACK_ENCODER];
    again.spaces[STACK_DECODER] = whole->spaces[STACK_DECODER];
    struct value *x = tape_input(&again, n->replay.stack, n->saved[0]), *out = NULL;
    x->inputs = n->in[0]->inputs;
    if (!again.code)
        out = n->replay.run(&n->replay, &again, x, n->in[1]);
    if (again.code && !b->code) {
        *b->e = again.error;
        b->code = again.code;
    }
    if (!b->code) {
        backward_share(b, out, n->out->gradient);
        b->tape = &again;
        backward_walk(b);
        b->tape = whole;
    }
    if (!b->code && x->gradient)
        backward_share(b, n->in[0], x->gradient);
    for (size_t i = 0; i < again.n_values; i++)
        backward_release(b, again.values[i]);
    tape_dispose(&again);
}

/* The same tensor as a value that no gradient reaches. */
static struct value *bare(struct tape *t, const struct value *v) {
    struct value *out = tape_input(t, v->space->stack, v->tensor);
    out->inputs = 0;
    return out;
}

struct value *tape_replay(struct tape *t, const struct replay *r, struct value *x,
                          struct value *memory) {
    if (t->code)
        return NULL;
    if (!t->recompute || !(x->inputs | (memory ? memory->inputs : 0)))
        return r->run(r, t, x, memory);
    const struct value *y = r->run(r, t, bare(t, x), memory ? bare(t, memory) : NULL);
    return t->code
               ? NULL
               : tape_record(t,
                             &(struct node){.in = {x, memory}, .saved = {x->tensor}, .replay = *r},
                             y->tensor, replay_vjp);
}
