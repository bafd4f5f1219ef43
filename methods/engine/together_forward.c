/* Forwards of several runs as one. */
#include "methods/engine/together_internal.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A shorter text's rows behind its end are work for nothing: at most a third of them. */
static bool near(int64_t n, int64_t longest) {
    return 3 * n >= 2 * longest;
}

/* What refers to others, to noise or to the model's insides is run by itself. */
static bool is_plain(const struct forward_input *in) {
    return !in->past && !in->keep_past && !in->dropout && !in->n_sites && !in->n_given &&
           !in->recompute && !in->keep_attentions && !in->keep_states && !in->keep_hidden &&
           in->rescale == RESCALE_NONE;
}

static enum err_code ask(struct forward **out, struct model *m, const struct forward_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct lane *l = (struct lane *)m;
    *out = NULL;
    if (!is_plain(in))
        return model_forward(out, l->t->behind, in, ctl, e);
    l->out = out;
    l->input = in;
    l->ctl = ctl;
    l->e = e;
    return lane_ask(l, ASKS_FORWARD);
}

const struct model_ops lane_ops = {.forward = ask};

/* --- which go together --- */

static bool alike(const struct together *t, const struct forward_input *a,
                  const struct forward_input *b) {
    return a->n_source == b->n_source && a->keep_gradient == b->keep_gradient &&
           model_config_alike_until(t->config, a->n_target) ==
               model_config_alike_until(t->config, b->n_target);
}

static bool fits(const struct together *t, int64_t n_batch, const struct forward_input *in,
                 int64_t longest) {
    return model_forward_bytes(t->behind, n_batch, in->n_source, longest, in->keep_gradient) <=
           t->room;
}

/* The longest that asks, and those that go with it, into t->some. */
static size_t choose(struct together *t) {
    struct lane *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        if (t->lanes[i].asks == ASKS_FORWARD &&
            (!first || t->lanes[i].input->n_target > first->input->n_target))
            first = &t->lanes[i];
    if (!first)
        return 0;
    t->some[n++] = first;
    int64_t n_batch = first->input->n_batch;
    const int64_t longest = first->input->n_target;
    for (size_t i = 0; i < t->n; i++) {
        struct lane *l = &t->lanes[i];
        if (l == first || l->asks != ASKS_FORWARD || !alike(t, l->input, first->input) ||
            !near(l->input->n_target, longest) ||
            !fits(t, n_batch + l->input->n_batch, first->input, longest))
            continue;
        n_batch += l->input->n_batch;
        t->some[n++] = l;
    }
    return n;
}

/* --- one forward --- */

/* A side's embeddings of all entries, [B, rows, E], zero behind a shorter text's end; NULL and
 * ERR_OK: there is no such side. */
struct side {
    enum model_stack stack;
    int64_t rows, width;
    float *x;
};

static enum err_code embed(const struct together *t, const struct side *s, const struct lane *l,
                           float *out, struct err *e) {
    const struct forward_input *in = l->input;
    const bool target = s->stack == STACK_DECODER;
    const int64_t n = target ? in->n_target : in->n_source, size = s->rows * s->width;
    const float *own = target ? in->target_embeddings : in->source_embeddings;
    for (int64_t b = 0; own && b < in->n_batch; b++)
        memcpy(out + b * size, own + b * n * s->width, (size_t)(n * s->width) * sizeof *out);
    if (own)
        return ERR_OK;
    enum err_code code =
        model_embed(t->behind, s->stack, target ? in->target_ids : in->source_ids, n, out, e);
    for (int64_t b = 1; b < in->n_batch && !code; b++)
        memcpy(out + b * size, out, (size_t)size * sizeof *out);
    return code;
}

static enum err_code embed_all(const struct together *t, struct side *s, size_t n, int64_t n_batch,
                               struct err *e) {
    const int64_t size = s->rows * s->width;
    float *at;
    if (!size)
        return ERR_OK;
    at = s->x = calloc((size_t)(n_batch * size), sizeof *s->x);
    if (!s->x)
        return err_set(e, ERR_NOMEM, "no memory for the embeddings of several texts");
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < n && !code; i++) {
        code = embed(t, s, t->some[i], at, e);
        at += t->some[i]->input->n_batch * size;
    }
    return code;
}

static enum err_code run(struct forward **out, const struct together *t, size_t n, struct err *e) {
    const struct lane *first = t->some[0];
    struct forward_input in = *first->input;
    const int64_t width = model_config_embedding_width(t->config);
    struct side sides[] = {{STACK_ENCODER, in.n_source, width, NULL},
                           {STACK_DECODER, in.n_target, width, NULL}};
    *out = NULL;
    if (n == 1)
        return model_forward(out, t->behind, &in, first->ctl, e);
    for (size_t i = 1; i < n; i++)
        in.n_batch += t->some[i]->input->n_batch;
    enum err_code code = embed_all(t, &sides[0], n, in.n_batch, e);
    if (code)
        goto out;
    code = embed_all(t, &sides[1], n, in.n_batch, e);
    if (code)
        goto out;
    in.source_embeddings = sides[0].x;
    in.target_embeddings = sides[1].x;
    code = model_forward(out, t->behind, &in, first->ctl, e);
out:
    free(sides[0].x);
    free(sides[1].x);
    return code;
}

static void hand_out(const struct together *t, size_t n, struct forward *f, int64_t n_target) {
    struct joint *joint = mem_alloc(sizeof *joint);
    int64_t at = 0;
    *joint = (struct joint){f, n_target, (int)n};
    for (size_t i = 0; i < n; i++) {
        struct lane *l = t->some[i];
        struct part_forward *part = mem_alloc(sizeof *part);
        *part = (struct part_forward){{&part_ops, f},    joint, l, at, l->input->n_source,
                                      l->input->n_target};
        at += l->input->n_batch;
        *l->out = (struct forward *)part;
        l->code = ERR_OK;
        l->asks = ASKS_NOTHING;
    }
}

/* What fails together may do alone. */
static void run_alone(struct together *t, size_t n) {
    struct lane *first = t->some[0];
    for (size_t i = 0; i < n; i++) {
        struct lane *l = t->some[i];
        struct forward *f;
        t->some[0] = l;
        l->code = run(&f, t, 1, l->e);
        l->asks = ASKS_NOTHING;
        if (!l->code)
            hand_out(t, 1, f, l->input->n_target);
        t->some[0] = first;
    }
}

void together_forwards(struct together *t) {
    for (size_t n; (n = choose(t)) > 0;) {
        struct forward *f;
        struct err e;
        if (run(&f, t, n, &e))
            run_alone(t, n);
        else
            hand_out(t, n, f, t->some[0]->input->n_target);
    }
}
