/* Forwards with other runs of the model beside them. */
#include "methods/engine/step_sight_internal.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

static void sight_free(struct forward *f) {
    struct sight_forward *b = (struct sight_forward *)f;
    for (size_t k = 0; k < b->sight->n_runs; k++)
        forward_free(b->runs[k]);
    forward_free(b->head.behind);
    free(b->runs);
    free(b->x[0]);
    free(b->x[1]);
    free(b);
}

static const struct forward_ops sight_ops = {.free = sight_free,
                                             .logits = step_sight_logits,
                                             .vjp = step_sight_vjp,
                                             .vjp_bytes = step_sight_vjp_bytes};

/* The embeddings of all rows of one side, [B, n, E]; *out stays NULL where they are the ids'
 * own. */
static enum err_code all_rows(float **out, const struct step_sight *s,
                              const struct forward_input *f, int stack, struct err *e) {
    const int64_t width = model_config_embedding_width(s->in->config),
                  n = stack ? f->n_target : f->n_source, n_past = stack && f->past ? f->n_past : 0;
    const float *given = stack ? f->target_embeddings : f->source_embeddings;
    const struct sight_forward *past = (const struct sight_forward *)f->past;
    const float *before = past ? past->x[stack] : NULL;
    *out = NULL;
    if (!given && !before)
        return ERR_OK;
    float *own = malloc((size_t)(n * width) * sizeof *own),
          *x = malloc((size_t)(f->n_batch * n * width) * sizeof *x);
    enum err_code code = own && x ? ERR_OK : step_sight_no_memory(e);
    if (code)
        goto out;
    code = model_embed(s->head.behind, stack, stack ? f->target_ids : f->source_ids, n, own, e);
    const int64_t shared = stack ? n_past : n; /* rows that are the past's */
    if (code)
        goto out;
    for (int64_t b = 0; b < f->n_batch; b++) {
        float *to = x + b * n * width;
        memcpy(to, own, (size_t)(n * width) * sizeof *to);
        if (before)
            memcpy(to, before, (size_t)(shared * width) * sizeof *to);
        if (given)
            memcpy(to + n_past * width, given + b * (n - n_past) * width,
                   (size_t)((n - n_past) * width) * sizeof *to);
    }
out:
    free(own);
    if (code) {
        free(x);
        return code;
    }
    *out = x;
    return ERR_OK;
}

/* One side of another run, [B, n, E]: copies of the input's embeddings x [B, n_input, E], and
 * tokens of its own. */
static enum err_code place(float **out, const struct step_sight *s, int stack,
                           const struct other_run *r, int64_t n, const float *x, int64_t n_input,
                           int64_t n_batch, struct err *e) {
    const int64_t width = model_config_embedding_width(s->in->config),
                  *from = stack ? r->target_from : r->source_from;
    const int32_t *ids = stack ? r->target_ids : r->source_ids;
    float *own = malloc((size_t)(n * width) * sizeof *own);
    *out = malloc((size_t)(n_batch * n * width) * sizeof **out);
    enum err_code code =
        own && *out ? model_embed(s->head.behind, stack, ids, n, own, e) : step_sight_no_memory(e);
    if (code)
        goto out;
    for (int64_t i = 0; i < n_batch * n; i++) {
        const int64_t row = from[i % n];
        memcpy(*out + i * width,
               row < 0 ? own + i % n * width : x + (i / n * n_input + row) * width,
               (size_t)width * sizeof **out);
    }
out:
    free(own);
    return code;
}

static enum err_code run_beside(struct sight_forward *b, size_t k, const struct forward_input *f,
                                float *const x[2], const struct run_ctl *ctl, struct err *e) {
    const struct step_sight *s = b->sight;
    const struct other_run *r = &s->runs[k];
    struct forward_input in = {.n_batch = b->varies ? f->n_batch : 1,
                               .source_ids = r->source_ids,
                               .n_source = r->n_source,
                               .target_ids = r->target_ids,
                               .n_target = other_run_rows(r, s->in, f->n_target),
                               .keep_gradient = f->keep_gradient,
                               .recompute = f->recompute,
                               .rescale = f->rescale,
                               .keep_hidden = s->all};
    float *placed[2] = {NULL, NULL};
    enum err_code code = ERR_OK;
    if (in.n_target == 0)
        return ERR_OK;
    for (int stack = 0; stack < 2; stack++) {
        if (x[stack])
            code = place(&placed[stack], s, stack, r, stack ? in.n_target : in.n_source, x[stack],
                         stack ? f->n_target : f->n_source, f->n_batch, e);
        if (code)
            goto out;
    }
    in.source_embeddings = placed[0];
    in.target_embeddings = placed[1];
    code = model_forward(&b->runs[k], s->head.behind, &in, ctl, e);
out:
    free(placed[0]);
    free(placed[1]);
    return code;
}

/* Whether the other runs belong to this forward: not to the contrast's, and not to one that only
 * makes noise. */
static bool has_beside(const struct step_sight *s, const struct forward_input *f) {
    const struct method_input *in = s->in;
    return s->n_runs && !f->dropout && f->n_source == in->n_source &&
           (!in->contrast_ids || f->target_ids != in->contrast_ids);
}

static enum err_code run_all(struct sight_forward *b, const struct forward_input *f,
                             const struct run_ctl *ctl, struct err *e) {
    float *x[2] = {NULL, NULL};
    enum err_code code = f->n_source ? all_rows(&x[0], b->sight, f, STACK_ENCODER, e) : ERR_OK;
    if (code)
        goto out;
    code = all_rows(&x[1], b->sight, f, STACK_DECODER, e);
    b->varies = x[0] || x[1];
    if (code)
        goto out;
    for (size_t k = 0; k < b->sight->n_runs; k++) {
        code = run_beside(b, k, f, x, ctl, e);
        if (code)
            goto out;
    }
out:
    for (int stack = 0; stack < 2; stack++)
        if (f->keep_past)
            b->x[stack] = x[stack];
        else
            free(x[stack]);
    return code;
}

enum err_code step_sight_forward(struct forward **out, struct model *m,
                                 const struct forward_input *given, const struct run_ctl *ctl,
                                 struct err *e) {
    const struct step_sight *s = (const struct step_sight *)m;
    const struct sight_forward *past = (const struct sight_forward *)given->past;
    struct forward_input in = *given;
    struct sight_forward *b = mem_alloc(sizeof *b);
    *out = NULL;
    *b = (struct sight_forward){.head = {&sight_ops, NULL},
                                .sight = s,
                                .runs = mem_alloc((s->n_runs + 1) * sizeof *b->runs),
                                .all = s->all,
                                .n_target = in.n_target,
                                .sites = {-1, -1}};
    for (int64_t i = 0; i < in.n_given; i++)
        b->all &=
            in.given[i].site.stack != STACK_DECODER || in.given[i].site.module != MODULE_BLOCK;
    for (int64_t i = 0; i < in.n_sites; i++)
        if (in.sites[i].module == MODULE_EMBEDDING)
            b->sites[in.sites[i].stack] = i;
    in.keep_hidden = b->all;
    in.past = past ? past->head.behind : NULL;
    enum err_code code = model_forward(&b->head.behind, s->head.behind, &in, ctl, e);
    if (code)
        goto out;
    if (has_beside(s, given))
        code = run_all(b, given, ctl, e);
    if (code)
        goto out;
    *out = (struct forward *)b;
    return ERR_OK;
out:
    sight_free((struct forward *)b);
    return code;
}
