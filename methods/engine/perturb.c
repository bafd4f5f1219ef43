#include "methods/engine/perturb.h"

#include "backend/base/mem.h"
#include "methods/engine/batch.h"

#include <stdlib.h>
#include <string.h>

enum err_code perturb_no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM, "out of memory for perturbed inputs; attribute fewer steps");
}

static enum err_code embed(struct perturb *p, struct perturb_side *s, struct err *e) {
    s->x = malloc((size_t)(s->n * p->width + 1) * sizeof *s->x);
    if (!s->x)
        return perturb_no_memory(e);
    return s->n ? model_embed(p->engine.in->model, s->stack, s->ids, s->n, s->x, e) : ERR_OK;
}

enum err_code perturb_open(struct perturb *p, struct attribution_sequence *out,
                           const struct method_input *in, const struct run_ctl *ctl,
                           struct err *e) {
    bool two = in->config->encoder_decoder;
    *p = (struct perturb){.width = model_config_embedding_width(in->config),
                          .n_vocab = in->config->n_vocab,
                          .n_row = method_row(in)};
    p->source = (struct perturb_side){
        .stack = STACK_ENCODER, .ids = in->source_ids, .n = two ? in->n_source : 0, .moves = two};
    p->target = (struct perturb_side){.stack = STACK_DECODER,
                                      .ids = in->target_ids,
                                      .n = in->end - 1,
                                      .moves = !two || in->attribute_target,
                                      .has_start = two};
    enum err_code code = engine_open(&p->engine, out, in, ctl, e);
    p->engine.own_progress = true;
    if (code)
        return code;
    code = embed(p, &p->source, e);
    if (code)
        return code;
    return embed(p, &p->target, e);
}

static void forget_contrast(struct perturb *p) {
    forward_free(p->contrast);
    p->contrast = NULL;
}

void perturb_close(struct perturb *p) {
    forget_contrast(p);
    free(p->source.x);
    free(p->target.x);
    engine_close(&p->engine);
    *p = (struct perturb){0};
}

/* Of a variant beside its forward: its embeddings, and keys and values where it shares a past. */
static int64_t variant_bytes(const struct model_config *c, int64_t rows, int64_t shared) {
    const int64_t numbers = 2 * rows * model_config_embedding_width(c) +
                            2 * c->n_layers * c->n_kv_heads * c->n_head_width * shared;
    return numbers * (int64_t)sizeof(float);
}

int64_t perturb_fit(const struct perturb *p, int64_t n_past, bool with_source) {
    const struct method_input *in = p->engine.in;
    const int64_t n_source = with_source ? p->source.n : 0, n_target = p->target.n - n_past,
                  rows = n_target + n_source;
    const int64_t bytes = model_forward_bytes(in->model, 1, n_source, n_target, false) +
                          variant_bytes(in->config, rows, n_past ? p->target.n : 0);
    return engine_batch(in->memory_budget, rows, bytes, PERTURB_MOST, false);
}

float *perturb_room(const struct perturb *p) {
    int64_t rows = p->source.n > p->target.n
                       ? p->source.n
                       : p->target.n; /* of one variant; several hold no more than is worthwhile */
    return malloc((size_t)((rows > BATCH_ROWS ? rows : BATCH_ROWS) * p->width) * sizeof(float));
}

/* The variants' contrasts. Their targets, where they follow, may be given without the first n_past
 * rows. */
static enum err_code forward_contrast(struct perturb *p, const struct perturb_variants *v,
                                      struct err *e) {
    const struct method_input *in = p->engine.in;
    const bool source = engine_contrast_moves(&p->engine, STACK_ENCODER) && v->source,
               target = engine_contrast_moves(&p->engine, STACK_DECODER) && v->target;
    forget_contrast(p);
    if (!source && !target)
        return ERR_OK;
    int64_t *columns = mem_alloc((size_t)p->engine.n_steps * sizeof *columns), width = p->width;
    for (int64_t c = 0; c < p->engine.n_steps; c++)
        columns[c] = c;
    struct forward_input f = engine_contrast_input(&p->engine, v->n, columns, p->engine.n_steps);
    free(columns);
    float *rows = target ? malloc((size_t)(v->n * f.n_target * width) * sizeof *rows) : NULL;
    if (target && !rows)
        return perturb_no_memory(e);
    for (int64_t b = 0; b < v->n && target; b++)
        for (int64_t r = 0; r < f.n_target; r++) {
            const float *from =
                r < v->n_past ? p->target.x + r * width
                              : v->target + (b * (p->target.n - v->n_past) + r - v->n_past) * width;
            memcpy(rows + (b * f.n_target + r) * width, from, (size_t)width * sizeof *rows);
        }
    f.source_embeddings = source ? v->source : NULL;
    f.target_embeddings = rows;
    enum err_code code = model_forward(&p->contrast, in->model, &f, p->engine.ctl, e);
    free(rows);
    return code;
}

enum err_code perturb_forward(struct perturb *p, struct forward **out,
                              const struct perturb_variants *v, struct err *e) {
    const struct method_input *in = p->engine.in;
    struct forward_input f = {.n_batch = v->n,
                              .source_ids = p->source.ids,
                              .n_source = p->source.n,
                              .source_embeddings = v->source,
                              .target_ids = p->target.ids,
                              .n_target = p->target.n,
                              .target_embeddings = v->target,
                              .past = v->past,
                              .n_past = v->n_past,
                              .keep_past = v->keep_past};
    enum err_code code = forward_contrast(p, v, e);
    if (code)
        goto out;
    code = model_forward(out, in->model, &f, p->engine.ctl, e);
out:
    p->contrast_of = code ? NULL : *out;
    return code;
}

enum err_code perturb_batch_open(struct perturb_batch *b, const struct perturb *p, struct err *e) {
    const struct perturb_side *sides[2] = {&p->source, &p->target};
    bool good = true;
    *b = (struct perturb_batch){.most = perturb_fit(p, 0, p->source.n > 0)};
    for (int i = 0; i < 2; i++)
        if (sides[i]->moves)
            good = (b->x[i] =
                        malloc((size_t)(b->most * sides[i]->n * p->width + 1) * sizeof(float))) &&
                   good;
    return good ? ERR_OK : perturb_no_memory(e);
}

enum err_code perturb_batch_run(struct perturb_batch *b, struct perturb *p, int64_t n,
                                struct err *e) {
    const struct perturb_variants v = {.n = n, .source = b->x[0], .target = b->x[1]};
    forward_free(b->f);
    b->f = NULL;
    return perturb_forward(p, &b->f, &v, e);
}

void perturb_batch_dispose(struct perturb_batch *b) {
    forward_free(b->f);
    free(b->x[0]);
    free(b->x[1]);
    *b = (struct perturb_batch){0};
}

enum err_code perturb_logits(struct perturb *p, struct forward *f, const struct perturb_place *at,
                             int64_t n, engine_visit visit, void *user, struct err *e) {
    struct position *places = mem_alloc((size_t)n * sizeof *places);
    for (int64_t i = 0; i < n; i++)
        places[i] = (struct position){at[i].entry, engine_row(&p->engine, at[i].column)};
    enum err_code code = engine_logits(&p->engine, f, places, n, visit, user, e);
    free(places);
    return code;
}

struct evaluation {
    struct method_run *engine;
    const struct perturb_place *at;
    double *out;
    bool score;
    struct forward *contrast;
    float *against;
};

static enum err_code evaluate(void *user, int64_t i, const float *logits, struct err *e) {
    struct evaluation *v = user;
    int64_t c = v->at[i].column;
    if (!v->contrast) {
        v->out[i] = engine_attribute(v->engine, c, logits, NULL);
    } else {
        const struct position at = {v->at[i].entry, v->engine->in->alignment[c] - 1};
        enum err_code code = forward_logits(v->contrast, &at, 1, v->against, e);
        if (code)
            return code;
        v->out[i] = engine_attribute_against(v->engine, c, logits, v->against, NULL, NULL);
    }
    return v->score ? engine_score(v->engine, v->at[i].column, logits, e) : ERR_OK;
}

static enum err_code values(struct perturb *p, struct forward *f, int64_t n, int64_t c, double *out,
                            bool score, struct err *e) {
    int64_t columns = p->engine.n_steps - c;
    struct perturb_place *at = mem_alloc((size_t)(n * columns) * sizeof *at);
    struct evaluation v = {&p->engine, at, out, score, f == p->contrast_of ? p->contrast : NULL,
                           NULL};
    v.against = v.contrast ? mem_alloc((size_t)p->n_row * sizeof *v.against) : NULL;
    for (int64_t i = 0; i < n * columns; i++)
        at[i] = (struct perturb_place){i / columns, c + i % columns};
    enum err_code code = perturb_logits(p, f, at, n * columns, evaluate, &v, e);
    free(v.against);
    free(at);
    return code;
}

enum err_code perturb_values(struct perturb *p, struct forward *f, int64_t n, int64_t c,
                             double *out, struct err *e) {
    return values(p, f, n, c, out, false, e);
}

enum err_code perturb_clean(struct perturb *p, struct forward *f, double *out, struct err *e) {
    return values(p, f, 1, 0, out, true, e);
}

enum err_code perturb_scores(struct perturb *p, struct err *e) {
    struct forward *f = NULL;
    double *ignored = mem_alloc((size_t)p->engine.n_steps * sizeof *ignored);
    enum err_code code = perturb_forward(p, &f, &(struct perturb_variants){.n = 1}, e);
    if (code)
        goto out;
    code = perturb_clean(p, f, ignored, e);
out:
    forward_free(f);
    free(ignored);
    return code;
}

void perturb_cost_bytes(struct cost *c, const struct cost_input *in, double n) {
    const int64_t rows = in->n_source + in->n_target,
                  one = model_config_forward_bytes(in->config, in->element_bytes, 1, in->n_source,
                                                   in->n_target, false) +
                        variant_bytes(in->config, rows, 0);
    const int64_t batch = engine_batch(in->memory_budget, rows, one, PERTURB_MOST, false);
    c->bytes += (n < (double)batch ? n : (double)batch) *
                (double)(one + variant_bytes(in->config, 0, rows));
}

void perturb_progress(struct perturb *p, int64_t done) {
    p->work_done += done;
    run_progress(p->engine.ctl, "attributing", p->work_done, p->work);
}
