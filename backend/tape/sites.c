/* Sites: outputs in the middle of a model that are taken out, differentiated or replaced. */
#include "backend/tape/tape.h"

#include <string.h>

static bool same(const struct model_site *a, const struct model_site *b) {
    return a->stack == b->stack && a->module == b->module && a->layer == b->layer;
}

static const struct given *find_given(const struct tape *t, const struct model_site *at) {
    for (int64_t i = 0; i < t->n_given; i++)
        if (same(&t->given[i].site, at))
            return &t->given[i];
    return NULL;
}

/* The value that stands in for a module's output: nothing before it takes part in a gradient. */
static struct value *stand_in(struct tape *t, enum model_stack stack, const struct given *given) {
    struct value *v = tape_input(t, stack, given->tensor);
    v->inputs = 0;
    return v;
}

/* Notes x where its output is asked for. */
static void note(struct tape *t, const struct model_site *at, struct value *x) {
    for (int64_t s = 0; s < t->n_sites && !t->code; s++) {
        if (!same(&t->sites[s], at))
            continue;
        t->site_values[s] = x;
        x->site = s + 1;
        x->inputs |= t->keep_gradient ? SITE_BIT : 0;
        t->code = t->tn->promote(&x->tensor, t->keep, x->tensor, &t->error);
    }
}

struct value *tape_site(struct tape *t, enum model_module module, int64_t layer, struct value *x) {
    if (t->code || (!t->n_sites && !t->n_given))
        return t->code ? NULL : x;
    const struct model_site at = {x->space->stack, module, layer};
    const struct given *given = find_given(t, &at);
    if (given)
        x = stand_in(t, at.stack, given);
    note(t, &at, x);
    return t->code ? NULL : x;
}

int64_t tape_first_layer(struct tape *t, struct value **x) {
    const struct given *last = NULL;
    if (t->code)
        return 0;
    for (int64_t i = 0; i < t->n_given; i++) {
        const struct model_site *s = &t->given[i].site;
        if (s->stack == (*x)->space->stack && s->module == MODULE_BLOCK &&
            (!last || s->layer > last->site.layer))
            last = &t->given[i];
    }
    if (!last)
        return 0;
    *x = stand_in(t, last->site.stack, last);
    note(t, &last->site, *x);
    return last->site.layer + 1;
}

struct value *tape_linear_site(struct tape *t, struct value *x, const struct weight *w,
                               struct value *residual, enum model_module module, int64_t layer) {
    bool asked = false;
    if (t->code)
        return NULL;
    const struct model_site at = {residual->space->stack, module, layer};
    const bool given = find_given(t, &at);
    for (int64_t s = 0; s < t->n_sites; s++)
        asked |= same(&t->sites[s], &at);
    if (!asked && !given)
        return tape_linear_add(t, x, w, residual);
    x = tape_site(t, module, layer,
                  given ? residual : tape_linear(t, x, w)); /* what is given needs no product */
    return t->code ? NULL : tape_add(t, x, residual);
}
