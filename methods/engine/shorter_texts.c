#include "methods/engine/shorter_texts.h"

#include "backend/base/mem.h"

#include <stdlib.h>

/* Texts that go together. */
struct group {
    const struct shorter_texts *t;
    const struct shorter_text *texts;
    int64_t *chosen, n; /* which of all */
};

/* Embeddings of what is left of one side. */
static enum err_code place(const struct group *g, struct gradient_batch *b, enum model_stack stack,
                           struct err *e) {
    const struct perturb *p = g->t->p;
    const struct perturb_side *s = stack == STACK_ENCODER ? &p->source : &p->target;
    const int64_t length = b->length[stack];
    int32_t *ids = mem_alloc((size_t)length * sizeof *ids);
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < g->n; i++) {
        const struct shorter_text *t = &g->texts[g->chosen[i]];
        for (int64_t k = 0; k < length; k++)
            ids[k] = s->ids[k < t->n[stack] ? t->rows[stack][k] : 0];
        code = model_embed(p->engine.in->model, stack, ids, length,
                           b->x[stack] + i * length * p->width, e);
        if (code)
            goto out;
    }
out:
    free(ids);
    return code;
}

static enum err_code visit(void *user, int64_t i, const float *logits, float *d_logits,
                           bool *wanted, struct err *e) {
    const struct group *g = user;
    return g->t->visit(g->t->user, g->chosen[i], logits, d_logits, wanted, e);
}

static enum err_code run_group(struct group *g, int64_t n_source, int64_t n_target, struct err *e) {
    const struct perturb *p = g->t->p;
    struct gradient_batch b;
    int64_t n_back;
    enum err_code code = gradient_batch_open(&b, p, -1, g->n, n_source, n_target, true, e);
    if (code)
        goto out;
    for (enum model_stack stack = STACK_ENCODER; stack <= STACK_DECODER; stack++) {
        if (b.x[stack])
            code = place(g, &b, stack, e);
        if (code)
            goto out;
    }
    for (int64_t i = 0; i < g->n; i++)
        b.at[i] = (struct position){i, g->texts[g->chosen[i]].n[STACK_DECODER] - 1};
    code = gradient_batch_run(&b, g->n, p, visit, g, &n_back, e);
    if (code)
        goto out;
    for (int64_t k = 0; k < n_back; k++) {
        const float *gradients[2] = {gradient_batch_of(&b, STACK_ENCODER, k),
                                     gradient_batch_of(&b, STACK_DECODER, k)};
        g->t->take(g->t->user, g->chosen[b.at[k].batch], gradients);
    }
out:
    gradient_batch_dispose(&b);
    return code;
}

/* Whether two texts' runs may be one: with sources of one length, and alike. */
static bool together(const struct group *g, int64_t a, int64_t b) {
    const struct model_config *c = g->t->p->engine.in->config;
    const int64_t *x = g->texts[a].n, *y = g->texts[b].n;
    return x[STACK_ENCODER] == y[STACK_ENCODER] &&
           model_config_alike_until(c, x[STACK_DECODER]) ==
               model_config_alike_until(c, y[STACK_DECODER]);
}

/* Those that are not done, from `first` on, that go together with it. Returns their longest
 * target. */
static int64_t choose(struct group *g, bool *done, int64_t first, int64_t n) {
    const int64_t n_source = g->texts[first].n[STACK_ENCODER];
    int64_t longest = 0;
    g->n = 0;
    for (int64_t i = first; i < n; i++) {
        const int64_t own = g->texts[i].n[STACK_DECODER], most = own > longest ? own : longest;
        if (done[i] || !together(g, i, first) ||
            (g->n && g->n >= gradient_batch_fit(g->t->p, -1, n_source, most, INT64_MAX)))
            continue;
        longest = most;
        done[i] = true;
        g->chosen[g->n++] = i;
    }
    return longest;
}

enum err_code shorter_texts_run(const struct shorter_texts *t, const struct shorter_text *texts,
                                int64_t n, struct err *e) {
    struct group g = {t, texts, mem_alloc((size_t)n * sizeof *g.chosen), 0};
    bool *done = mem_alloc((size_t)n * sizeof *done);
    enum err_code code = ERR_OK;
    for (int64_t first = 0; first < n; first++) {
        if (done[first])
            continue;
        const int64_t n_target = choose(&g, done, first, n);
        code = run_group(&g, texts[first].n[STACK_ENCODER], n_target, e);
        if (code)
            goto out;
    }
out:
    free(done);
    free(g.chosen);
    return code;
}
