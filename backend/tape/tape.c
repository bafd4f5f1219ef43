#include "backend/tape/tape.h"

#include "backend/base/mem.h"

#include <stdlib.h>

void tape_init(struct tape *t, const struct tn_api *tn, const struct run_ctl *ctl) {
    *t = (struct tape){.tn = tn, .ctl = ctl, .keep = tn->scope_open(), .work = tn->scope_open()};
    if (!t->keep || !t->work)
        t->code = err_set(&t->error, ERR_NOMEM, "not enough memory for a forward pass");
}

void tape_dispose(struct tape *t) {
    if (!t->tn)
        return;
    t->tn->scope_close(t->work);
    t->tn->scope_close(t->keep);
    for (size_t i = 0; i < t->n_values; i++)
        free(t->values[i]);
    free(t->values);
    free(t->nodes);
    free(t->hidden[STACK_ENCODER]);
    free(t->hidden[STACK_DECODER]);
    free(t->hidden_values);
    free(t->site_values);
    free(t->given);
    for (int kind = 0; kind < 3; kind++)
        free(t->attentions[kind]);
    *t = (struct tape){0};
}

struct value *tape_input(struct tape *t, enum model_stack stack, tn_tensor *embeddings) {
    struct value *v = mem_alloc(sizeof *v);
    *v = (struct value){.tensor = embeddings,
                        .width = t->tn->columns_of(embeddings),
                        .space = &t->spaces[stack],
                        .inputs = t->keep_gradient ? 1u << stack : 0};
    if (t->n_values == t->capacity_values)
        t->values = mem_resize(t->values, (t->capacity_values = 2 * t->capacity_values + 64) *
                                              sizeof *t->values);
    return t->values[t->n_values++] = v;
}

static void note_hidden(struct tape *t, const struct value *x, int64_t i) {
    const enum model_stack stack = x->space->stack;
    if (i >= t->n_hidden[stack]) {
        t->hidden[stack] = mem_resize(t->hidden[stack], (size_t)(i + 1) * sizeof *t->hidden[stack]);
        while (t->n_hidden[stack] <= i)
            t->hidden[stack][t->n_hidden[stack]++] = NULL;
    }
    t->code = t->tn->promote(&t->hidden[stack][i], t->keep, x->tensor, &t->error);
}

/* A layer whose output nobody computed, before one that is given, has none. */
static void note_value(struct tape *t, struct value *x, int64_t i) {
    t->hidden_values = mem_resize(t->hidden_values, (size_t)(i + 1) * sizeof(struct value *));
    while (t->n_hidden_values < i)
        t->hidden_values[t->n_hidden_values++] = NULL;
    t->hidden_values[t->n_hidden_values++] = x;
    t->code = t->tn->promote(&x->tensor, t->keep, x->tensor, &t->error);
}

struct value *tape_layer_end(struct tape *t, struct value *x, int64_t i) {
    if (t->code)
        return NULL;
    if (run_cancelled(t->ctl)) {
        t->code = err_set(&t->error, ERR_CANCELLED, "cancelled");
        return NULL;
    }
    if (t->keep_states)
        note_hidden(t, x, i);
    const bool kept = t->keep_hidden && x->space->stack == STACK_DECODER;
    if (kept && !t->code)
        note_value(t, x, i);
    tn_scope *next = t->tn->scope_open();
    if (!t->code && !next)
        t->code = err_set(&t->error, ERR_NOMEM, "not enough memory for a forward pass");
    if (!t->code && !x->site && !kept) /* a site's tensor is kept already */
        t->code = t->tn->promote(&x->tensor, next, x->tensor, &t->error);
    t->tn->scope_close(t->code ? next : t->work);
    if (t->code)
        return NULL;
    t->work = next;
    return x;
}

struct value *tape_keep(struct tape *t, struct value *x) {
    if (!t->code)
        t->code = t->tn->promote(&x->tensor, t->keep, x->tensor, &t->error);
    return t->code ? NULL : x;
}
