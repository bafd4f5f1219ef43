/* Logits and gradients of several runs' parts of one forward. */
#include "methods/engine/together_internal.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

static void part_free(struct forward *f) {
    struct part_forward *p = (struct part_forward *)f;
    if (--p->joint->n_references == 0) {
        forward_free(p->joint->forward);
        free(p->joint);
    }
    free(p);
}

/* Its places in the whole forward, owned by the caller. */
static struct position *places(const struct part_forward *p, const struct position *at, int64_t n) {
    struct position *own = mem_alloc((size_t)(n + 1) * sizeof *own);
    for (int64_t i = 0; i < n; i++)
        own[i] = (struct position){p->first + at[i].batch, at[i].row};
    return own;
}

/* --- what waits for nobody --- */

static enum err_code part_states(struct forward *f, bool all, const struct position *at, int64_t n,
                                 float *out, struct err *e) {
    const struct part_forward *p = (const struct part_forward *)f;
    struct position *own = places(p, at, n);
    enum err_code code = forward_states(p->joint->forward, all, own, n, out, e);
    free(own);
    return code;
}

static int64_t part_vjp_bytes(const struct forward *f, const struct position *at, int64_t n) {
    const struct part_forward *p = (const struct part_forward *)f;
    struct position *own = places(p, at, n);
    const int64_t bytes = forward_vjp_bytes(p->joint->forward, own, n);
    free(own);
    return bytes;
}

/* --- what waits --- */

static enum err_code part_logits(struct forward *f, const struct position *at, int64_t n,
                                 float *out, struct err *e) {
    const struct part_forward *p = (const struct part_forward *)f;
    struct lane *l = p->lane;
    l->forward = p;
    l->at = at;
    l->n = n;
    l->logits = out;
    l->e = e;
    return lane_ask(l, ASKS_LOGITS);
}

static enum err_code part_vjp(struct forward *f, const struct vjp_request *r,
                              const struct run_ctl *ctl, struct err *e) {
    const struct part_forward *p = (const struct part_forward *)f;
    struct lane *l = p->lane;
    l->forward = p;
    l->at = r->at;
    l->n = r->n;
    l->gradient = r;
    l->ctl = ctl;
    l->e = e;
    return lane_ask(l, ASKS_GRADIENT);
}

const struct forward_ops part_ops = {.free = part_free,
                                     .logits = part_logits,
                                     .states = part_states,
                                     .vjp = part_vjp,
                                     .vjp_bytes = part_vjp_bytes};

/* --- which go together --- */

static bool alike(const struct lane *a, const struct lane *b) {
    const struct vjp_request *x = a->gradient, *y = b->gradient;
    if (a->asks != b->asks || a->forward->joint != b->forward->joint)
        return false;
    return a->asks == ASKS_LOGITS ||
           (!x->d_states && !y->d_states && !x->sites && !y->sites && !x->first == !y->first &&
            !x->source == !y->source && !x->target == !y->target);
}

/* The places of the first n of t->some, owned by the caller. */
static struct position *all_places(const struct together *t, size_t n, int64_t *n_at) {
    struct position *all;
    *n_at = 0;
    for (size_t i = 0; i < n; i++)
        *n_at += t->some[i]->n;
    all = mem_alloc((size_t)(*n_at + 1) * sizeof *all);
    int64_t k = 0;
    for (size_t i = 0; i < n; i++)
        for (int64_t j = 0; j < t->some[i]->n; j++, k++)
            all[k] = (struct position){t->some[i]->forward->first + t->some[i]->at[j].batch,
                                       t->some[i]->at[j].row};
    return all;
}

static bool fits(const struct together *t, size_t n) {
    int64_t n_at;
    struct position *all = all_places(t, n, &n_at);
    const int64_t bytes = forward_vjp_bytes(t->some[0]->forward->joint->forward, all, n_at);
    free(all);
    return bytes <= t->room;
}

/* The first that asks for this, and those that go with it, into t->some. */
static size_t choose(struct together *t, enum asks asks) {
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++) {
        struct lane *l = &t->lanes[i];
        if (l->asks != asks || (n && !alike(t->some[0], l)))
            continue;
        t->some[n++] = l;
        if (n > 1 && asks == ASKS_GRADIENT && !fits(t, n))
            n--;
    }
    return n;
}

static void answer(const struct together *t, size_t n, enum err_code code, const struct err *e) {
    for (size_t i = 0; i < n; i++) {
        t->some[i]->code = code;
        t->some[i]->asks = ASKS_NOTHING;
        if (code)
            *t->some[i]->e = *e;
    }
}

static enum err_code no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM, "no memory for several texts together");
}

/* --- logits --- */

static enum err_code run_logits(const struct together *t, size_t n, struct err *e) {
    const size_t row = (size_t)t->config->n_vocab;
    int64_t n_at;
    struct position *at = all_places(t, n, &n_at);
    float *own = n == 1 ? NULL : malloc((size_t)n_at * row * sizeof *own),
          *out = n == 1 ? t->some[0]->logits : own;
    enum err_code code = out ? ERR_OK : no_memory(e);
    if (code)
        goto out;
    code = forward_logits(t->some[0]->forward->joint->forward, at, n_at, out, e);
    for (size_t i = 0; i < n && n > 1 && !code; i++) {
        memcpy(t->some[i]->logits, out, (size_t)t->some[i]->n * row * sizeof *out);
        out += (size_t)t->some[i]->n * row;
    }
out:
    free(own);
    free(at);
    return code;
}

void together_logits(struct together *t) {
    for (size_t n; (n = choose(t, ASKS_LOGITS)) > 0;) {
        struct err e;
        enum err_code code = run_logits(t, n, &e);
        answer(t, n, code, &e);
    }
}

/* --- gradients --- */

/* The requests of the first n of t->some as one. */
struct whole {
    struct position *at;
    int64_t n, *first;
    float *d_logits, *source, *target;
};

static void whole_dispose(struct whole *w) {
    free(w->at);
    free(w->first);
    free(w->d_logits);
    free(w->source);
    free(w->target);
}

static void gather(struct whole *w, const struct together *t, size_t n) {
    const size_t row = (size_t)t->config->n_vocab;
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        const struct vjp_request *r = t->some[i]->gradient;
        const size_t n_own = (size_t)r->n;
        memcpy(w->d_logits + at * row, r->d_logits, n_own * row * sizeof *w->d_logits);
        if (w->first)
            memcpy(w->first + at, r->first, n_own * sizeof *w->first);
        at += n_own;
    }
}

/* n places from the one at `first` of the whole. */
static void scatter_side(float *to, const float *whole, int64_t first, int64_t n, int64_t rows,
                         int64_t all_rows, int64_t width) {
    for (int64_t i = 0; i < n && to; i++)
        memcpy(to + i * rows * width, whole + (first + i) * all_rows * width,
               (size_t)(rows * width) * sizeof *to);
}

static void scatter(const struct whole *w, const struct together *t, size_t n) {
    const int64_t width = model_config_embedding_width(t->config),
                  n_target = t->some[0]->forward->joint->n_target;
    int64_t at = 0;
    for (size_t i = 0; i < n; i++) {
        const struct part_forward *p = t->some[i]->forward;
        const struct vjp_request *r = t->some[i]->gradient;
        scatter_side(r->source, w->source, at, r->n, p->n_source, p->n_source, width);
        scatter_side(r->target, w->target, at, r->n, p->n_target, n_target, width);
        at += r->n;
    }
}

static bool open_whole(struct whole *w, const struct together *t, size_t n) {
    const struct part_forward *p = t->some[0]->forward;
    const struct vjp_request *r = t->some[0]->gradient;
    const size_t width = (size_t)model_config_embedding_width(t->config) * sizeof(float);
    w->at = all_places(t, n, &w->n);
    const size_t n_at = (size_t)w->n;
    w->d_logits = malloc(n_at * (size_t)t->config->n_vocab * sizeof *w->d_logits);
    w->source = r->source ? malloc(n_at * (size_t)p->n_source * width) : NULL;
    w->target = r->target ? malloc(n_at * (size_t)p->joint->n_target * width) : NULL;
    w->first = r->first ? malloc(n_at * sizeof *w->first) : NULL;
    return w->d_logits && !w->source == !r->source && !w->target == !r->target &&
           !w->first == !r->first;
}

/* One by itself, of a forward that is its own: the request as it is but for its places. */
static enum err_code run_own(const struct lane *l, struct err *e) {
    struct vjp_request r = *l->gradient;
    struct position *at = places(l->forward, r.at, r.n);
    r.at = at;
    enum err_code code = forward_vjp(l->forward->joint->forward, &r, l->ctl, e);
    free(at);
    return code;
}

static enum err_code run_gradients(const struct together *t, size_t n, struct err *e) {
    const struct part_forward *p = t->some[0]->forward;
    struct whole w = {0};
    if (n == 1 && p->n_target == p->joint->n_target)
        return run_own(t->some[0], e);
    enum err_code code = open_whole(&w, t, n) ? ERR_OK : no_memory(e);
    if (code)
        goto out;
    gather(&w, t, n);
    code = forward_vjp(
        p->joint->forward,
        &(struct vjp_request){.at = w.at,
                              .n = w.n,
                              .d_logits = w.d_logits,
                              .d_states = n == 1 ? t->some[0]->gradient->d_states : NULL,
                              .all_states = t->some[0]->gradient->all_states,
                              .first = w.first,
                              .source = w.source,
                              .target = w.target},
        t->some[0]->ctl, e);
    if (!code)
        scatter(&w, t, n);
out:
    whole_dispose(&w);
    return code;
}

void together_gradients(struct together *t) {
    for (size_t n; (n = choose(t, ASKS_GRADIENT)) > 0;) {
        struct err e;
        enum err_code code = run_gradients(t, n, &e);
        answer(t, n, code, &e);
    }
}
