/* The operations of a tape, each followed by its vector-Jacobian product. */
#include "backend/tape/internal.h"

#include "backend/base/mem.h"
#include "backend/tape/dropout.h"

#include <stdlib.h>

/* `in` may hold NULLs; the value is in the first one's space; where no gradient is kept there is no
 * node. */
struct value *tape_record(struct tape *t, struct node *n, tn_tensor *tensor,
                          void (*vjp)(struct backward *, struct node *)) {
    unsigned inputs = 0;
    for (int i = 0; i < 3; i++)
        inputs |= n->in[i] ? n->in[i]->inputs : 0;
    struct value *out = tape_input(t, n->in[0]->space->stack, tensor);
    out->inputs = inputs;
    if (!inputs)
        return out;
    n->out = out;
    n->vjp = vjp;
    for (int i = 0; i < 4 && !t->code; i++)
        if (n->saved[i])
            t->code = t->tn->promote(&n->saved[i], t->keep, n->saved[i], &t->error);
    if (t->n_nodes == t->capacity_nodes)
        t->nodes = mem_resize(t->nodes,
                              (t->capacity_nodes = 2 * t->capacity_nodes + 64) * sizeof *t->nodes);
    t->nodes[t->n_nodes++] = *n;
    return t->code ? NULL : out;
}

/* --- sums and products ------------------------------------------------------------------- */

static void linear_vjp(struct backward *b, struct node *n) {
    struct block *dy = n->out->gradient;
    if (backward_wants(b, n->in[0])) {
        tn_tensor *into = backward_into(b, n->in[0], dy->rows), *dx = NULL;
        if (!b->code)
            b->code = b->tn->linear_vjp(&dx, b->node_scope, dy->tensor, n->weight->matrix,
                                        n->weight->transposed, into, b->e);
        backward_give(b, n->in[0], dy->rows, dx);
    }
    if (n->in[1] && backward_wants(b, n->in[1]))
        backward_share(b, n->in[1], dy);
}

struct value *tape_linear_add(struct tape *t, struct value *x, const struct weight *w,
                              struct value *residual) {
    tn_tensor *y;
    const bool apart = residual && t->dropout && t->dropout->rates.residual > 0;
    if (!t->code)
        t->code =
            t->tn->linear(&y, t->work, x->tensor, w->matrix, w->bias,
                          residual && !apart ? residual->tensor : NULL, w->transposed, &t->error);
    if (apart && !t->code)
        dropout_apply(t, &y, x->space, t->dropout->rates.residual);
    if (!t->code && apart)
        t->code = t->tn->add(&y, t->work, y, residual->tensor, &t->error);
    if (t->code)
        return NULL;
    struct value *out =
        tape_record(t, &(struct node){.in = {x, residual}, .weight = w}, y, linear_vjp);
    if (out && !residual)
        out->mapped = x, out->map = w;
    return out;
}

struct value *tape_linear(struct tape *t, struct value *x, const struct weight *w) {
    return tape_linear_add(t, x, w, NULL);
}

static void add_vjp(struct backward *b, struct node *n) {
    for (int i = 0; i < 2; i++)
        if (n->in[i] && backward_wants(b, n->in[i]))
            backward_share(b, n->in[i], n->out->gradient);
}

struct value *tape_add(struct tape *t, struct value *a, struct value *b) {
    tn_tensor *y;
    if (!t->code)
        t->code = t->tn->add(&y, t->work, a->tensor, b->tensor, &t->error);
    return t->code ? NULL : tape_record(t, &(struct node){.in = {a, b}}, y, add_vjp);
}

static void multiply_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    tn_tensor *dx = NULL;
    if (!b->code)
        b->code = b->tn->multiply(&dx, b->node_scope, dy->tensor, n->factor, b->e);
    backward_give(b, n->in[0], dy->rows, dx);
}

struct value *tape_multiply(struct tape *t, struct value *x, double factor) {
    tn_tensor *y;
    if (!t->code)
        t->code = t->tn->multiply(&y, t->work, x->tensor, factor, &t->error);
    return t->code ? NULL
                   : tape_record(t, &(struct node){.in = {x}, .factor = factor}, y, multiply_vjp);
}

static void clamp_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    tn_tensor *dx = NULL;
    if (!b->code)
        b->code = b->tn->clamp_vjp(&dx, b->node_scope, dy->tensor, n->saved[0], b->rows[dy->rows],
                                   n->factor, b->e);
    backward_give(b, n->in[0], dy->rows, dx);
}

struct value *tape_clamp(struct tape *t, struct value *x, double limit) {
    tn_tensor *y;
    if (!t->code)
        t->code = t->tn->clamp(&y, t->work, x->tensor, limit, &t->error);
    if (t->code)
        return NULL;
    return tape_record(t, &(struct node){.in = {x}, .saved = {x->tensor}, .factor = limit}, y,
                       clamp_vjp);
}

struct value *tape_add_positions(struct tape *t, struct value *x, const tn_tensor *table) {
    tn_tensor *y;
    if (!t->code)
        t->code = t->tn->add_positions(&y, t->work, x->tensor, table, x->space->length,
                                       x->space->first, &t->error);
    return t->code ? NULL : tape_record(t, &(struct node){.in = {x}}, y, add_vjp);
}

struct value *tape_dropout(struct tape *t, struct value *x, double rate) {
    if (t->code || !t->dropout || rate <= 0)
        return t->code ? NULL : x;
    tn_tensor *y = x->tensor;
    dropout_apply(t, &y, x->space, rate);
    return t->code ? NULL : tape_input(t, x->space->stack, y); /* which keeps no gradient */
}

/* --- norms ------------------------------------------------------------------------------- */

static void rms_norm_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    tn_tensor *into = backward_into(b, n->in[0], dy->rows), *dx = NULL;
    if (!b->code)
        b->code =
            b->tn->rms_norm_vjp(&dx, b->node_scope, dy->tensor, n->saved[0], n->saved[1],
                                n->norm->scale, n->norm->width, b->rows[dy->rows], into, b->e);
    backward_give(b, n->in[0], dy->rows, dx);
}

struct value *tape_rms_norm(struct tape *t, struct value *x, const struct norm *w, double epsilon) {
    tn_tensor *y, *statistics;
    if (!t->code)
        t->code = t->tn->rms_norm(&y, &statistics, t->work, x->tensor, w->scale, w->width, epsilon,
                                  &t->error);
    if (t->code)
        return NULL;
    return tape_record(t, &(struct node){.in = {x}, .saved = {x->tensor, statistics}, .norm = w}, y,
                       rms_norm_vjp);
}

static void layer_norm_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    tn_tensor *into = backward_into(b, n->in[0], dy->rows), *dx = NULL;
    if (!b->code)
        b->code =
            b->tn->layer_norm_vjp(&dx, b->node_scope, dy->tensor, n->saved[0], n->saved[1],
                                  n->norm->scale, n->norm->width, b->rows[dy->rows], into, b->e);
    backward_give(b, n->in[0], dy->rows, dx);
}

struct value *tape_layer_norm(struct tape *t, struct value *x, const struct norm *w,
                              double epsilon) {
    tn_tensor *y, *statistics;
    if (!t->code)
        t->code = t->tn->layer_norm(&y, &statistics, t->work, x->tensor, w->scale, w->bias,
                                    w->width, epsilon, &t->error);
    if (t->code)
        return NULL;
    return tape_record(t, &(struct node){.in = {x}, .saved = {x->tensor, statistics}, .norm = w}, y,
                       layer_norm_vjp);
}

/* --- element by element ------------------------------------------------------------------ */

bool backward_rescales(const struct backward *b, enum activation kind) {
    return b->tape->rescale == RESCALE_ALL ||
           (b->tape->rescale == RESCALE_MODULES && activation_is_of_modules(kind));
}

static void activation_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    tn_tensor *dx = NULL;
    if (!b->code && backward_rescales(b, n->activation))
        b->code =
            b->tn->activation_rescaled(&dx, b->node_scope, n->activation, dy->tensor, n->saved[0],
                                       b->rows[dy->rows], b->references[dy->rows], b->e);
    else if (!b->code)
        b->code = b->tn->activation_vjp(&dx, b->node_scope, n->activation, dy->tensor, n->saved[0],
                                        b->rows[dy->rows], b->e);
    backward_give(b, n->in[0], dy->rows, dx);
}

struct value *tape_activation(struct tape *t, struct value *x, enum activation kind) {
    tn_tensor *y;
    if (!t->code)
        t->code = t->tn->activation(&y, t->work, kind, x->tensor, &t->error);
    if (t->dropout && !t->code)
        dropout_apply(t, &y, x->space, t->dropout->rates.activation);
    return t->code
               ? NULL
               : tape_record(t, &(struct node){.in = {x}, .saved = {x->tensor}, .activation = kind},
                             y, activation_vjp);
}

static void gated_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    tn_tensor *d_gate = NULL, *d_up = NULL;
    if (!b->code && backward_rescales(b, n->activation))
        b->code = b->tn->gated_rescaled(&d_gate, &d_up, b->node_scope, n->activation, dy->tensor,
                                        n->saved[0], n->saved[1], b->rows[dy->rows],
                                        b->references[dy->rows], b->e);
    else if (!b->code)
        b->code = b->tn->gated_vjp(&d_gate, &d_up, b->node_scope, n->activation, dy->tensor,
                                   n->saved[0], n->saved[1], b->rows[dy->rows], b->e);
    backward_give(b, n->in[0], dy->rows, d_gate);
    backward_give(b, n->in[1], dy->rows, d_up);
}

struct value *tape_gated(struct tape *t, struct value *gate, struct value *up,
                         enum activation kind) {
    tn_tensor *y;
    if (!t->code)
        t->code = t->tn->gated(&y, t->work, kind, gate->tensor, up->tensor, &t->error);
    if (t->code)
        return NULL;
    return tape_record(
        t,
        &(struct node){.in = {gate, up}, .saved = {gate->tensor, up->tensor}, .activation = kind},
        y, gated_vjp);
}

static void rope_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    const struct space *space = n->out->space;
    tn_tensor *dx = NULL;
    if (!b->code)
        b->code = b->tn->rope(&dx, b->node_scope, dy->tensor, n->constant, n->width,
                              b->rows[dy->rows], space->length, space->first, true, b->e);
    backward_give(b, n->in[0], dy->rows, dx);
}

struct value *tape_rope(struct tape *t, struct value *x, const tn_tensor *table, int64_t width) {
    tn_tensor *y;
    if (!t->code)
        t->code = t->tn->rope(&y, t->work, x->tensor, table, width, NULL, x->space->length,
                              x->space->first, false, &t->error);
    return t->code ? NULL
                   : tape_record(t, &(struct node){.in = {x}, .constant = table, .width = width}, y,
                                 rope_vjp);
}

/* --- the recurrence ---------------------------------------------------------------------- */

static void recurrence_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    const struct space *space = n->out->space;
    const struct tn_segment *segments = backward_segments(b, space, dy->rows, ROWS_PREFIX);
    tn_tensor *dx = NULL, *d_gate = NULL;
    if (!b->code && b->tape->rescale == RESCALE_ALL)
        b->code = b->tn->recurrence_rescaled(&dx, &d_gate, b->node_scope, segments, b->n,
                                             b->n_rows[ROWS_PREFIX], space->length,
                                             space->n_batch / 2 * space->length, dy->tensor,
                                             n->saved[0], n->saved[1], n->saved[2], b->e);
    else if (!b->code)
        b->code = b->tn->recurrence_vjp(&dx, &d_gate, b->node_scope, segments, b->n,
                                        b->n_rows[ROWS_PREFIX], space->length, dy->tensor,
                                        n->saved[0], n->saved[1], n->saved[2], b->e);
    backward_give(b, n->in[0], ROWS_PREFIX, dx);
    backward_give(b, n->in[1], ROWS_PREFIX, d_gate);
}

/* The last row of every sequence of c becomes the cache's state. */
static void keep_state(struct tape *t, struct cache_layer *layer, const tn_tensor *c,
                       const struct space *space) {
    struct cache *cache = t->cache;
    int64_t *last = mem_alloc((size_t)cache->n_rows * sizeof *last);
    for (int64_t i = 0; i < cache->n_rows; i++)
        last[i] = (i + 1) * space->length - 1;
    tn_tensor *rows;
    t->code = t->tn->wrap(&rows, t->work, last, TN_INT64, &cache->n_rows, 1, &t->error);
    if (!t->code)
        t->code = t->tn->like(&rows, t->work, rows, c, &t->error);
    if (!t->code)
        t->code = t->tn->gather(&layer->state, cache->scope, c, rows, &t->error);
    free(last);
}

struct value *tape_recurrence(struct tape *t, struct value *x, struct value *gate, int64_t layer) {
    tn_tensor *c;
    struct cache_layer *cache = t->cache ? &t->cache->layers[layer] : NULL;
    if (!t->code)
        t->code = t->tn->recurrence(&c, t->work, x->tensor, gate->tensor,
                                    cache ? cache->state : NULL, x->space->n_batch, &t->error);
    if (!t->code && cache)
        keep_state(t, cache, c, x->space);
    if (t->code)
        return NULL;
    return tape_record(t, &(struct node){.in = {x, gate}, .saved = {x->tensor, gate->tensor, c}}, c,
                       recurrence_vjp);
}
