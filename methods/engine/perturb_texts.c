#include "methods/engine/perturb_texts.h"

#include "backend/base/mem.h"

#include <stdlib.h>

enum err_code perturb_texts_open(struct perturb_texts *t, struct perturb *p, struct err *e) {
    *t = (struct perturb_texts){.p = p};
    enum err_code code = perturb_batch_open(&t->batch, p, e);
    t->at = mem_alloc((size_t)(t->batch.most * p->engine.n_steps) * sizeof *t->at);
    t->tags = mem_alloc((size_t)t->batch.most * sizeof *t->tags);
    return code;
}

void perturb_texts_dispose(struct perturb_texts *t) {
    perturb_batch_dispose(&t->batch);
    free(t->at);
    free(t->tags);
}

static enum err_code look(void *user, int64_t i, const float *logits, struct err *e) {
    const struct perturb_texts *t = user;
    return t->visit(t->user, t->tags[t->at[i].entry], t->at[i].column, logits, e);
}

enum err_code perturb_texts_flush(struct perturb_texts *t, struct err *e) {
    const int64_t n = t->n, n_at = t->n_at;
    t->n = t->n_at = 0;
    if (!n)
        return ERR_OK;
    enum err_code code = perturb_batch_run(&t->batch, t->p, n, e);
    if (code)
        return code;
    return perturb_logits(t->p, t->batch.f, t->at, n_at, look, t, e);
}

enum err_code perturb_texts_add(struct perturb_texts *t, const int32_t *ids, int64_t tag,
                                const int64_t *columns, int64_t n, struct err *e) {
    const struct perturb *p = t->p;
    const struct perturb_side *sides[2] = {&p->source, &p->target};
    for (int i = 0; i < 2; i++) {
        float *x = t->batch.x[i];
        if (!x || !sides[i]->n)
            continue;
        enum err_code code = model_embed(p->engine.in->model, sides[i]->stack, ids, sides[i]->n,
                                         x + t->n * sides[i]->n * p->width, e);
        if (code)
            return code;
        ids += sides[i]->n;
    }
    for (int64_t i = 0; i < n; i++)
        t->at[t->n_at++] = (struct perturb_place){t->n, columns[i]};
    t->tags[t->n++] = tag;
    return t->n == t->batch.most ? perturb_texts_flush(t, e) : ERR_OK;
}
