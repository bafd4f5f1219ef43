#include "backend/tape/experts.h"

#include "backend/base/mem.h"
#include "backend/tape/internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void experts_route(const struct experts *w, const double *logits, double *probability,
                   double *weight) {
    double largest = -INFINITY, sum = 0, chosen = 0;
    for (int64_t e = 0; e < w->n; e++)
        largest = fmax(largest, logits[e]);
    for (int64_t e = 0; e < w->n; e++) {
        probability[e] = exp(logits[e] - largest);
        sum += probability[e];
        weight[e] = 0;
    }
    for (int64_t e = 0; e < w->n; e++)
        probability[e] /= sum;
    for (int64_t k = 0; k < w->n_used; k++) {
        int64_t best = -1;
        for (int64_t e = 0; e < w->n; e++)
            if (weight[e] == 0 && (best < 0 || probability[e] > probability[best]))
                best = e;
        weight[best] = probability[best];
        chosen += probability[best];
    }
    for (int64_t e = 0; e < w->n && w->shares_one; e++)
        weight[e] /= chosen;
}

/* --- tensors of host numbers --- */

/* Where operations of the forward or of the walk backwards put what they make. */
struct room {
    const struct tn_api *tn;
    tn_scope *scope;
    enum err_code *code;
    struct err *e;
};

/* What one expert makes on its way is let go of before the next. */
static bool enter(struct room *m) {
    tn_scope *own = m->tn->scope_open();
    if (!own && !*m->code)
        *m->code = err_set(m->e, ERR_NOMEM, "not enough memory for an expert");
    m->scope = own ? own : m->scope;
    return own != NULL;
}

static void leave(struct room *m, tn_scope *outer) {
    if (m->scope != outer)
        m->tn->scope_close(m->scope);
    m->scope = outer;
}

static tn_tensor *index_of(const struct room *m, int64_t *rows, int64_t n, const tn_tensor *like) {
    tn_tensor *out = NULL;
    if (!*m->code)
        *m->code = m->tn->wrap(&out, m->scope, rows, TN_INT64, &n, 1, m->e);
    if (!*m->code)
        *m->code = m->tn->like(&out, m->scope, out, like, m->e);
    return *m->code ? NULL : out;
}

static tn_tensor *gathered(const struct room *m, const tn_tensor *x, const tn_tensor *rows) {
    tn_tensor *out = NULL;
    if (!*m->code)
        *m->code = m->tn->gather(&out, m->scope, x, rows, m->e);
    return out;
}

static tn_tensor *mapped(const struct room *m, const tn_tensor *x, const struct weight *w) {
    tn_tensor *out = NULL;
    if (!*m->code)
        *m->code = m->tn->linear(&out, m->scope, x, w->matrix, w->bias, NULL, w->transposed, m->e);
    return out;
}

/* Adds to `into`, or yields a new one. */
static tn_tensor *mapped_back(const struct room *m, const tn_tensor *dy, const struct weight *w,
                              tn_tensor *into) {
    tn_tensor *out = NULL;
    if (!*m->code)
        *m->code = m->tn->linear_vjp(&out, m->scope, dy, w->matrix, w->transposed, into, m->e);
    return into ? into : out;
}

/* x [n, …] with row i times factors[i]. */
static tn_tensor *scaled(const struct room *m, const tn_tensor *x, double *factors, int64_t n) {
    tn_tensor *f = NULL, *out = NULL;
    if (!*m->code)
        *m->code = m->tn->wrap(&f, m->scope, factors, TN_FLOAT64, &n, 1, m->e);
    if (!*m->code)
        *m->code = m->tn->scale_rows(&out, m->scope, x, f, m->e);
    return out;
}

static tn_tensor *zeros_like(const struct room *m, const tn_tensor *x) {
    tn_tensor *out = NULL;
    if (!*m->code)
        *m->code = m->tn->multiply(&out, m->scope, x, 0, m->e);
    return out;
}

static void read_numbers(const struct room *m, const tn_tensor *x, double *out) {
    if (!*m->code)
        *m->code = m->tn->read(x, out, TN_FLOAT64, m->e);
}

/* --- the router --- */

/* Weights of all experts of n rows, the shared one's last: [n, n_all]. */
struct routing {
    int64_t n, n_all;
    double *probability, *weight; /* [n, n_experts], [n, n_all] */
};

static struct routing route(const struct room *m, const struct experts *w, const tn_tensor *x,
                            int64_t n) {
    struct routing r = {n, w->n + w->has_shared, NULL, NULL};
    double *logits = mem_alloc((size_t)(n * w->n) * sizeof *logits),
           *shared = mem_alloc((size_t)n * sizeof *shared),
           *weight = mem_alloc((size_t)w->n * sizeof *weight);
    r.probability = mem_alloc((size_t)(n * w->n) * sizeof *r.probability);
    r.weight = mem_alloc((size_t)(n * r.n_all) * sizeof *r.weight);
    read_numbers(m, mapped(m, x, &w->router), logits);
    if (w->has_shared)
        read_numbers(m, mapped(m, x, &w->shared_router), shared);
    for (int64_t i = 0; i < n && !*m->code; i++) {
        experts_route(w, logits + i * w->n, r.probability + i * w->n, weight);
        memcpy(r.weight + i * r.n_all, weight, (size_t)w->n * sizeof *weight);
        if (w->has_shared)
            r.weight[i * r.n_all + w->n] = 1 / (1 + exp(-shared[i]));
    }
    free(weight);
    free(shared);
    free(logits);
    return r;
}

static void routing_dispose(struct routing *r) {
    free(r->probability);
    free(r->weight);
}

/* --- forward --- */

/* Adds an expert's output at its n rows. */
static void add_expert(const struct room *m, const struct experts *w, int64_t e, const tn_tensor *x,
                       int64_t *rows, double *weights, int64_t n, tn_tensor *out) {
    const struct expert *one = &w->each[e];
    const tn_tensor *index = index_of(m, rows, n, x);
    tn_tensor *own = gathered(m, x, index), *gate = mapped(m, own, &one->gate),
              *up = mapped(m, own, &one->up), *hidden = NULL;
    if (!*m->code)
        *m->code = m->tn->gated(&hidden, m->scope, w->activation, gate, up, m->e);
    tn_tensor *y = scaled(m, mapped(m, hidden, &one->down), weights, n);
    if (!*m->code)
        *m->code = m->tn->scatter_add(out, index, y, m->e);
}

static void experts_vjp(struct backward *b, struct node *n);

struct value *tape_experts(struct tape *t, struct value *x, const struct experts *w) {
    if (t->code)
        return NULL;
    struct room m = {t->tn, t->work, &t->code, &t->error};
    const int64_t n = x->space->n_batch * x->space->length;
    struct routing r = route(&m, w, x->tensor, n);
    tn_tensor *out = zeros_like(&m, x->tensor);
    int64_t *rows = mem_alloc((size_t)n * sizeof *rows);
    double *weights = mem_alloc((size_t)n * sizeof *weights);
    for (int64_t e = 0; e < r.n_all && !t->code; e++) {
        int64_t n_own = 0;
        for (int64_t i = 0; i < n; i++)
            if (r.weight[i * r.n_all + e] != 0) {
                weights[n_own] = r.weight[i * r.n_all + e];
                rows[n_own++] = i;
            }
        if (n_own && enter(&m))
            add_expert(&m, w, e, x->tensor, rows, weights, n_own, out);
        leave(&m, t->work);
    }
    free(weights);
    free(rows);
    routing_dispose(&r);
    return t->code ? NULL
                   : tape_record(t, &(struct node){.in = {x}, .saved = {x->tensor}, .experts = w},
                                 out, experts_vjp);
}

/* --- backwards --- */

/* The gradient's rows that one expert has, and the distinct rows of the forward that they are of.
 */
struct own_rows {
    int64_t n, n_inputs;
    int64_t *gradient, *input, *reference; /* [n]: rows of dy; places among `rows` */
    int64_t *rows;                         /* [n_inputs] of x */
    double *weight;                        /* [n] */
};

/* One walk through a mixture: n gradient rows, of rows at[i] of x, with references or none. */
struct walk {
    struct room room;
    const struct experts *w;
    const struct routing *routing;
    const tn_tensor *x, *dy;
    tn_tensor *dx;
    int64_t n, n_x;
    int64_t *at, *references; /* [n]; references NULL: plain derivatives */
    double *d_weight;         /* [n, n_all] */
    int64_t *place;           /* [n_x] of a row among an expert's inputs; −1: it has none */
};

static int64_t place_of(struct walk *k, struct own_rows *own, int64_t row) {
    if (k->place[row] < 0) {
        k->place[row] = own->n_inputs;
        own->rows[own->n_inputs++] = row;
    }
    return k->place[row];
}

static void find_rows(struct walk *k, struct own_rows *own, int64_t e) {
    const struct routing *r = k->routing;
    own->n = own->n_inputs = 0;
    for (int64_t i = 0; i < k->n_x; i++)
        k->place[i] = -1;
    for (int64_t g = 0; g < k->n; g++) {
        const double weight = r->weight[k->at[g] * r->n_all + e];
        if (weight == 0)
            continue;
        own->gradient[own->n] = g;
        own->weight[own->n] = weight;
        own->input[own->n] = place_of(k, own, k->at[g]);
        own->reference[own->n++] = k->references ? place_of(k, own, k->references[g]) : 0;
    }
}

/* dh [n, F] through the gated activation: gradients of gate and up. */
static void gate_back(const struct walk *k, const struct own_rows *own, const tn_tensor *dh,
                      const tn_tensor *gate, const tn_tensor *up, tn_tensor **d_gate,
                      tn_tensor **d_up) {
    const struct room *m = &k->room;
    const tn_tensor *input = index_of(m, own->input, own->n, k->x);
    if (*m->code)
        return;
    if (!k->references) {
        *m->code =
            m->tn->gated_vjp(d_gate, d_up, m->scope, k->w->activation, dh, gate, up, input, m->e);
        return;
    }
    const tn_tensor *reference = index_of(m, own->reference, own->n, k->x);
    if (!*m->code)
        *m->code = m->tn->gated_rescaled(d_gate, d_up, m->scope, k->w->activation, dh, gate, up,
                                         input, reference, m->e);
}

/* dy · y of every row: the gradient of its weight. */
static void weigh(const struct walk *k, const struct own_rows *own, int64_t e, const tn_tensor *dy,
                  const tn_tensor *y) {
    const struct room *m = &k->room;
    tn_tensor *dots = NULL;
    double *host = mem_alloc((size_t)own->n * sizeof *host);
    const tn_tensor *mine = gathered(m, y, index_of(m, own->input, own->n, k->x));
    if (!*m->code)
        *m->code = m->tn->row_dots(&dots, m->scope, dy, mine, m->e);
    read_numbers(m, dots, host);
    for (int64_t i = 0; i < own->n; i++)
        k->d_weight[own->gradient[i] * k->routing->n_all + e] = host[i];
    free(host);
}

static void expert_back(const struct walk *k, struct own_rows *own, int64_t e) {
    const struct room *m = &k->room;
    const struct expert *one = &k->w->each[e];
    const tn_tensor *index = index_of(m, own->gradient, own->n, k->x),
                    *x = gathered(m, k->x, index_of(m, own->rows, own->n_inputs, k->x)),
                    *dy = gathered(m, k->dy, index);
    tn_tensor *gate = mapped(m, x, &one->gate), *up = mapped(m, x, &one->up), *hidden = NULL,
              *d_gate = NULL, *d_up = NULL;
    if (!*m->code)
        *m->code = m->tn->gated(&hidden, m->scope, k->w->activation, gate, up, m->e);
    weigh(k, own, e, dy, mapped(m, hidden, &one->down));
    gate_back(k, own, mapped_back(m, scaled(m, dy, own->weight, own->n), &one->down, NULL), gate,
              up, &d_gate, &d_up);
    tn_tensor *dx = mapped_back(m, d_gate, &one->gate, NULL);
    mapped_back(m, d_up, &one->up, dx);
    if (!*m->code)
        *m->code = m->tn->scatter_add(k->dx, index, dx, m->e);
}

/* Gradients of a row's weights → of the router's logits [n_experts]. With weights that sum to one
 * they are a softmax over those that are chosen, else one over all experts. */
static void logits_back(const struct experts *w, const double *probability, const double *weight,
                        const double *d_weight, double *out) {
    double mean = 0;
    for (int64_t e = 0; e < w->n; e++)
        mean += weight[e] * d_weight[e];
    for (int64_t e = 0; e < w->n; e++) {
        const double own = weight[e] != 0 ? d_weight[e] : 0;
        out[e] = (w->shares_one ? weight[e] : probability[e]) * (own - mean);
    }
}

/* [n, columns] doubles through a map backwards, added to dx. */
static void add_back(const struct walk *k, double *d, int64_t columns, const struct weight *w) {
    const struct room *m = &k->room;
    const int64_t dims[2] = {k->n, columns};
    tn_tensor *x = NULL;
    if (!*m->code)
        *m->code = m->tn->wrap(&x, m->scope, d, TN_FLOAT64, dims, 2, m->e);
    if (!*m->code)
        *m->code = m->tn->numbers_like(&x, m->scope, x, k->dx, m->e);
    mapped_back(m, x, w, k->dx);
}

static void router_back(const struct walk *k) {
    const struct experts *w = k->w;
    const struct routing *r = k->routing;
    double *d = mem_alloc((size_t)(k->n * w->n) * sizeof *d),
           *shared = mem_alloc((size_t)k->n * sizeof *shared);
    for (int64_t g = 0; g < k->n; g++) {
        const double *weight = r->weight + k->at[g] * r->n_all, *dw = k->d_weight + g * r->n_all;
        logits_back(w, r->probability + k->at[g] * w->n, weight, dw, d + g * w->n);
        if (w->has_shared)
            shared[g] = dw[w->n] * weight[w->n] * (1 - weight[w->n]);
    }
    add_back(k, d, w->n, &w->router);
    if (w->has_shared)
        add_back(k, shared, 1, &w->shared_router);
    free(shared);
    free(d);
}

static void read_rows(const struct room *m, const tn_tensor *rows, int64_t *out) {
    if (!*m->code)
        *m->code = m->tn->read(rows, out, TN_INT64, m->e);
}

static void walk_back(struct walk *k) {
    tn_scope *const outer = k->room.scope;
    struct own_rows own = {0};
    int64_t **const lists[] = {&own.gradient, &own.input, &own.reference, &own.rows};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        *lists[i] = mem_alloc((size_t)(k->n + k->n_x) * sizeof **lists[i]);
    own.weight = mem_alloc((size_t)k->n * sizeof *own.weight);
    for (int64_t e = 0; e < k->routing->n_all && !*k->room.code; e++) {
        find_rows(k, &own, e);
        if (own.n && enter(&k->room))
            expert_back(k, &own, e);
        leave(&k->room, outer);
    }
    router_back(k);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        free(*lists[i]);
    free(own.weight);
}

static void experts_vjp(struct backward *b, struct node *n) {
    const struct block *dy = n->out->gradient;
    const struct space *space = n->out->space;
    struct walk k = {.room = {b->tn, b->node_scope, &b->code, b->e},
                     .w = n->experts,
                     .x = n->saved[0],
                     .dy = dy->tensor,
                     .n = b->n_rows[dy->rows],
                     .n_x = space->n_batch * space->length};
    struct routing r = route(&k.room, k.w, k.x, k.n_x);
    k.routing = &r;
    k.dx = zeros_like(&k.room, k.dy);
    k.at = mem_alloc((size_t)k.n * sizeof *k.at);
    k.place = mem_alloc((size_t)k.n_x * sizeof *k.place);
    k.d_weight = mem_alloc((size_t)(k.n * r.n_all) * sizeof *k.d_weight);
    read_rows(&k.room, b->rows[dy->rows], k.at);
    if (backward_rescales(b, k.w->activation)) {
        k.references = mem_alloc((size_t)k.n * sizeof *k.references);
        read_rows(&k.room, b->references[dy->rows], k.references);
    }
    if (!b->code)
        walk_back(&k);
    backward_give(b, n->in[0], dy->rows, k.dx);
    routing_dispose(&r);
    free(k.references);
    free(k.d_weight);
    free(k.place);
    free(k.at);
}
