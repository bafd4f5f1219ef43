/*
 * The walk backwards. The gradients of n targets travel as one block of packed rows, so that every
 * product is one matrix product for all targets. Target i reaches rows 0 … p of its sequence (p =
 * at[i].row) and all rows of its source. Before the last block's attention only row p itself has a
 * gradient: those blocks have n rows.
 */
#include "backend/tape/internal.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

bool backward_wants(const struct backward *b, const struct value *v) {
    return v->inputs & b->wanted;
}

/* --- blocks ------------------------------------------------------------------------------ */

static void block_release(struct backward *b, struct block *block) {
    if (!block || --block->n_users > 0)
        return;
    b->tn->scope_close(block->scope);
    free(block);
}

void backward_release(struct backward *b, struct value *v) {
    block_release(b, v->gradient);
    v->gradient = NULL;
}

static struct block *block_new(struct backward *b, enum row_set rows) {
    struct block *block = mem_alloc(sizeof *block);
    *block = (struct block){.rows = rows, .n_users = 1, .scope = b->tn->scope_open()};
    if (!block->scope && !b->code)
        b->code = err_set(b->e, ERR_NOMEM, "not enough memory for a gradient");
    return block;
}

/* A block of other rows, or a copy of a shared one, takes v's block's place. */
static void make_own(struct backward *b, struct value *v, enum row_set rows) {
    struct block *old = v->gradient, *own = block_new(b, rows);
    if (!b->code && old->rows == rows)
        b->code = b->tn->multiply(&own->tensor, own->scope, old->tensor, 1, b->e);
    else if (!b->code) {
        b->code = b->tn->spread(&own->tensor, own->scope, old->tensor, b->last,
                                b->n_rows[ROWS_PREFIX], b->e);
    }
    v->gradient = own;
    block_release(b, old);
}

tn_tensor *backward_into(struct backward *b, struct value *v, enum row_set rows) {
    if (b->code || !v->gradient)
        return NULL;
    if (v->gradient->rows == ROWS_PREFIX && rows == ROWS_LAST)
        return NULL;
    if (v->gradient->rows != rows || v->gradient->n_users > 1)
        make_own(b, v, rows);
    return b->code ? NULL : v->gradient->tensor;
}

void backward_give(struct backward *b, struct value *v, enum row_set rows, const tn_tensor *made) {
    if (b->code || !made || !backward_wants(b, v))
        return;
    if (!v->gradient) {
        struct block *block = v->gradient = block_new(b, rows);
        if (!b->code)
            b->code = b->tn->promote(&block->tensor, block->scope, made, b->e);
        return;
    }
    tn_tensor *into = backward_into(b, v, rows);
    if (into) {
        b->code = b->tn->add_into(into, made, b->e);
    } else if (!b->code) {
        if (v->gradient->n_users > 1)
            make_own(b, v, v->gradient->rows);
        if (!b->code)
            b->code = b->tn->scatter_add(v->gradient->tensor, b->last, made, b->e);
    }
}

void backward_share(struct backward *b, struct value *v, struct block *block) {
    if (b->code)
        return;
    if (v->gradient) {
        backward_give(b, v, block->rows, block->tensor);
        return;
    }
    block->n_users++;
    v->gradient = block;
}

static int64_t first_row(const struct backward *b, int64_t i) {
    return b->first ? b->first[i] : 0;
}

/* The queries of the i-th target. */
static void set_query(struct tn_segment *s, const struct backward *b, enum row_set query, int64_t i,
                      int64_t n_source) {
    const int64_t n_prefix = b->at[i].row + 1;
    s->query = i * n_source;
    s->n_query = n_source;
    s->first_query = 0;
    if (query == ROWS_LAST) {
        s->query = i;
        s->n_query = 1;
        s->first_query = n_prefix - 1;
    } else if (query == ROWS_PREFIX) {
        s->query = b->offset[i];
        s->n_query = n_prefix - first_row(b, i);
        s->first_query = first_row(b, i);
    }
}

const struct tn_segment *backward_segments(struct backward *b, const struct space *space,
                                           enum row_set query, enum row_set key) {
    const int64_t n_source = b->tape->spaces[STACK_ENCODER].length;
    for (int64_t i = 0; i < b->n; i++) {
        struct tn_segment *s = &b->segments[i];
        const int64_t n_prefix = b->at[i].row + 1;
        s->batch = space->n_batch == 1 ? 0 : b->at[i].batch;
        set_query(s, b, query, i, n_source);
        s->key = key == ROWS_PREFIX ? b->offset[i] : i * n_source;
        s->first_key = key == ROWS_PREFIX ? first_row(b, i) : 0;
        s->n_key = key == ROWS_PREFIX ? n_prefix : n_source;
    }
    return b->segments;
}

/* --- which rows -------------------------------------------------------------------------- */

static tn_tensor *index_tensor(struct backward *b, int64_t *host, int64_t n,
                               const tn_tensor *like) {
    tn_tensor *out = NULL;
    if (!b->code)
        b->code = b->tn->wrap(&out, b->scope, host, TN_INT64, &n, 1, b->e);
    if (!b->code)
        b->code = b->tn->like(&out, b->scope, out, like, b->e);
    return b->code ? NULL : out;
}

/* The rows of a set, and those of their references where there are any: half a batch further. */
static void make_set(struct backward *b, enum row_set set, int64_t *host, const struct space *space,
                     const tn_tensor *like) {
    b->rows[set] = index_tensor(b, host, b->n_rows[set], like);
    if (b->tape->rescale == RESCALE_NONE)
        return;
    for (int64_t i = 0; i < b->n_rows[set]; i++)
        host[i] += space->n_batch / 2 * space->length;
    b->references[set] = index_tensor(b, host, b->n_rows[set], like);
}

static void make_rows(struct backward *b, const tn_tensor *like) {
    const struct space *source = &b->tape->spaces[STACK_ENCODER],
                       *target = &b->tape->spaces[STACK_DECODER];
    b->offset = mem_alloc((size_t)(b->n + 1) * sizeof *b->offset);
    b->segments = mem_alloc((size_t)b->n * sizeof *b->segments);
    for (int64_t i = 0; i < b->n; i++)
        b->offset[i + 1] = b->offset[i] + b->at[i].row + 1 - first_row(b, i);
    b->n_rows[ROWS_LAST] = b->n;
    b->n_rows[ROWS_PREFIX] = b->offset[b->n];
    b->n_rows[ROWS_SOURCE] = b->n * source->length;
    int64_t largest = b->n_rows[ROWS_PREFIX] > b->n_rows[ROWS_SOURCE] ? b->n_rows[ROWS_PREFIX]
                                                                      : b->n_rows[ROWS_SOURCE];
    int64_t *host = mem_alloc((size_t)largest * sizeof *host);
    for (int64_t i = 0; i < b->n; i++)
        host[i] = b->at[i].batch * target->length + b->at[i].row;
    make_set(b, ROWS_LAST, host, target, like);
    for (int64_t i = 0; i < b->n; i++)
        host[i] = b->offset[i + 1] - 1;
    b->last = index_tensor(b, host, b->n, like);
    for (int64_t i = 0, r = 0; i < b->n; i++)
        for (int64_t row = first_row(b, i); row <= b->at[i].row; row++)
            host[r++] = b->at[i].batch * target->length + row;
    make_set(b, ROWS_PREFIX, host, target, like);
    for (int64_t i = 0, r = 0; i < b->n; i++)
        for (int64_t row = 0; row < source->length; row++)
            host[r++] = (source->n_batch == 1 ? 0 : b->at[i].batch) * source->length + row;
    make_set(b, ROWS_SOURCE, host, source, like);
    free(host);
}

/* --- reading out ------------------------------------------------------------------------- */

/* Unpacks an input's gradient to out [n, length, width], zero where the target does not depend on a
 * row. */
static void deliver(struct backward *b, struct value *v, float *out) {
    const int64_t length = v->space->length, width = v->width;
    memset(out, 0, (size_t)(b->n * length * width) * sizeof *out);
    if (b->code || !v->gradient)
        return;
    const enum row_set rows = v->gradient->rows;
    float *packed = malloc((size_t)(b->n_rows[rows] * width) * sizeof *packed);
    if (!packed)
        b->code = err_set(b->e, ERR_NOMEM, "not enough memory for a gradient");
    else
        b->code = b->tn->read(v->gradient->tensor, packed, TN_FLOAT32, b->e);
    for (int64_t i = 0; i < b->n && !b->code; i++) {
        int64_t from = i, to = b->at[i].row, count = 1;
        if (rows == ROWS_PREFIX)
            from = b->offset[i], to = first_row(b, i), count = b->at[i].row + 1 - to;
        else if (rows == ROWS_SOURCE)
            from = i * length, to = 0, count = length;
        memcpy(out + (i * length + to) * width, packed + from * width,
               (size_t)(count * width) * sizeof *out);
    }
    free(packed);
}

/* --- the walk ---------------------------------------------------------------------------- */

static void deliver_site(struct backward *b, struct value *v) {
    float *to = v->site && b->sites ? b->sites[v->site - 1] : NULL;
    if (to)
        deliver(b, v, to);
}

/* At the lowest site nothing is wanted any more of what an operation was computed from. */
static bool any_wanted(const struct backward *b, const struct node *n) {
    bool wanted = false;
    for (int i = 0; i < 3; i++)
        wanted |= n->in[i] && backward_wants(b, n->in[i]);
    return wanted;
}

void backward_walk(struct backward *b) {
    struct tape *t = b->tape;
    for (size_t i = t->n_nodes; i-- > 0 && !b->code;) {
        struct node *n = &t->nodes[i];
        if (!n->out->gradient || !backward_wants(b, n->out))
            continue;
        if (run_cancelled(b->ctl)) {
            b->code = err_set(b->e, ERR_CANCELLED, "cancelled");
            break;
        }
        deliver_site(b, n->out);         /* whatever used it lies behind */
        tn_scope *outer = b->node_scope; /* of a block that is computed again */
        b->node_scope = b->tn->scope_open();
        if (b->node_scope && any_wanted(b, n))
            n->vjp(b, n);
        else if (!b->node_scope)
            b->code = err_set(b->e, ERR_NOMEM, "not enough memory for a gradient");
        b->tn->scope_close(b->node_scope);
        b->node_scope = outer;
        backward_release(b, n->out);
    }
}

static enum err_code begin(struct backward *b, const struct push *pushes, int64_t n_pushes) {
    b->scope = b->tn->scope_open();
    if (!b->scope)
        return b->code = err_set(b->e, ERR_NOMEM, "not enough memory for a gradient");
    make_rows(b, pushes->d);
    for (int64_t i = 0; i < n_pushes; i++)
        backward_give(b, pushes[i].value, ROWS_LAST, pushes[i].d);
    backward_walk(b);
    return b->code;
}

static void end(struct backward *b) {
    struct tape *t = b->tape;
    for (size_t i = 0; i < t->n_values; i++)
        backward_release(b, t->values[i]);
    if (b->scope)
        t->tn->scope_close(b->scope);
    free(b->offset);
    free(b->segments);
}

enum err_code tape_backward(struct tape *t, const struct push *pushes, int64_t n_pushes,
                            const struct position *at, const int64_t *first, int64_t n,
                            struct value *source, struct value *target, float *source_gradient,
                            float *target_gradient, const struct run_ctl *ctl, struct err *e) {
    struct backward b = {
        .tn = t->tn, .tape = t, .at = at, .first = first, .n = n, .ctl = ctl, .e = e};
    b.wanted = source_gradient ? 1u << STACK_ENCODER : 0;
    b.wanted |= target_gradient ? 1u << STACK_DECODER : 0;
    enum err_code code = begin(&b, pushes, n_pushes);
    if (code)
        goto out;
    if (source_gradient && source)
        deliver(&b, source, source_gradient);
    if (target_gradient && target)
        deliver(&b, target, target_gradient);
out:
    end(&b);
    return b.code;
}

enum err_code tape_backward_sites(struct tape *t, const struct push *pushes, int64_t n_pushes,
                                  const struct position *at, int64_t n, float *const *sites,
                                  const struct run_ctl *ctl, struct err *e) {
    struct backward b = {.tn = t->tn,
                         .tape = t,
                         .at = at,
                         .n = n,
                         .ctl = ctl,
                         .e = e,
                         .sites = sites,
                         .wanted = SITE_BIT};
    /* What the targets do not depend on is never walked past. */
    for (int64_t s = 0; s < t->n_sites; s++)
        if (sites[s])
            memset(sites[s], 0,
                   (size_t)(n * t->site_values[s]->space->length * t->site_values[s]->width) *
                       sizeof **sites);
    if (begin(&b, pushes, n_pushes))
        goto out;
    /* Those that no operation made: embeddings, and what was given. */
    for (int64_t s = 0; s < t->n_sites; s++)
        if (t->site_values[s]->gradient)
            deliver_site(&b, t->site_values[s]);
out:
    end(&b);
    return b.code;
}
