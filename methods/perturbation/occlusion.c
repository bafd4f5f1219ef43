/*
 * Occlusion. Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks",
 * section 4.2, a token at a time: how much the attributed function changes when token i's embedding
 * is replaced by the baseline's. Reference: Captum's Occlusion with a window of one token, as Inseq
 * 0.7.1 calls it (attr/feat/perturbation_attribution.py), which keeps the magnitude. There every
 * column runs every variant by itself; here one forward of a variant serves all columns, and where
 * the decoder attends, only the rows from token i on run.
 */
#include "methods/engine/perturb.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct occlusion {
    struct perturb p;
    double *clean;        /* [G] f(x) */
    double *changed;      /* [batch, G] */
    float *variants;      /* embeddings of a batch */
    struct forward *past; /* the input itself */
    bool shares_past;
};

/* A side's rows by baseline [n, E]. Tokens that are their own baseline differ by nothing. */
static enum err_code embed_baseline(struct occlusion *o, const struct perturb_side *s, int32_t *ids,
                                    float *out, struct err *e) {
    const struct method_input *in = o->p.engine.in;
    enum err_code code = engine_baseline(in, s->ids, s->n, s->has_start, ids, e);
    if (code)
        return code;
    return model_embed(in->model, s->stack, ids, s->n, out, e);
}

static struct scores *scores_of(struct occlusion *o, const struct perturb_side *s) {
    return s->stack == STACK_ENCODER ? &o->p.engine.out->source_attributions
                                     : &o->p.engine.out->target_attributions;
}

/* Columns that see row r of a side: from this on. */
static int64_t first_column(const struct occlusion *o, const struct perturb_side *s, int64_t r) {
    int64_t c = s->stack == STACK_ENCODER ? 0 : r + 1 - o->p.engine.in->start;
    return c < 0 ? 0 : c;
}

/* Of a span the sum has the magnitude, not its columns. */
static float magnitude(const struct occlusion *o, double change) {
    return (float)(o->p.engine.in->span ? change : fabs(change));
}

/* One forward of variants in which rows `rows` [n] of a side are replaced, all at or after the
 * first of them. */
static enum err_code run_batch(struct occlusion *o, const struct perturb_side *s,
                               const float *baseline, const int64_t *rows, int64_t n,
                               struct err *e) {
    struct perturb *p = &o->p;
    int64_t n_past = s->stack == STACK_DECODER && o->shares_past ? rows[0] : 0, width = p->width,
            size = (s->n - n_past) * width;
    int64_t c = first_column(o, s, rows[0]), columns = p->engine.n_steps - c;
    struct forward *f = NULL;
    for (int64_t b = 0; b < n; b++) {
        memcpy(o->variants + b * size, s->x + n_past * width, (size_t)size * sizeof(float));
        memcpy(o->variants + b * size + (rows[b] - n_past) * width, baseline + rows[b] * width,
               (size_t)width * sizeof(float));
    }
    struct perturb_variants v = {.n = n, .past = n_past ? o->past : NULL, .n_past = n_past};
    *(s->stack == STACK_ENCODER ? &v.source : &v.target) = o->variants;
    enum err_code code = perturb_forward(p, &f, &v, e);
    if (code)
        goto out;
    code = perturb_values(p, f, n, c, o->changed, e);
    if (code)
        goto out;
    for (int64_t b = 0; b < n; b++)
        for (int64_t k = c; k < p->engine.n_steps; k++)
            if (k >= first_column(o, s, rows[b]))
                scores_of(o, s)->data[rows[b] * p->engine.n_steps + k] =
                    magnitude(o, o->clean[k] - o->changed[b * columns + k - c]);
out:
    forward_free(f);
    return code;
}

/* What row r costs nothing: it is its own baseline, so nothing changes. */
static void write_zeros(struct occlusion *o, const struct perturb_side *s, int64_t r) {
    for (int64_t k = first_column(o, s, r); k < o->p.engine.n_steps; k++)
        scores_of(o, s)->data[r * o->p.engine.n_steps + k] = 0;
}

/* All columns that see no target row from `row` on are finished. */
static void publish(struct occlusion *o, int64_t row) {
    for (int64_t c = 0; c < o->p.engine.n_steps && o->p.engine.in->start + c <= row; c++)
        engine_publish(&o->p.engine, c);
}

static enum err_code run_side(struct occlusion *o, const struct perturb_side *s, struct err *e) {
    int32_t *ids = mem_alloc((size_t)s->n * sizeof *ids);
    int64_t *rows = mem_alloc((size_t)s->n * sizeof *rows);
    float *baseline = malloc((size_t)(s->n * o->p.width) * sizeof *baseline);
    enum err_code code = baseline ? embed_baseline(o, s, ids, baseline, e) : perturb_no_memory(e);
    if (code)
        goto out;
    for (int64_t r = 0; r < s->n;) {
        int64_t n = 0, most = 1, before = r;
        for (; r < s->n && n < most; r++) {
            if (ids[r] == s->ids[r]) {
                write_zeros(o, s, r);
                continue;
            }
            if (n == 0)
                most = perturb_fit(&o->p, o->shares_past && s->stack == STACK_DECODER ? r : 0,
                                   s->stack == STACK_ENCODER);
            rows[n++] = r;
        }
        if (n)
            code = run_batch(o, s, baseline, rows, n, e);
        if (code)
            goto out;
        perturb_progress(&o->p, r - before);
        if (s->stack == STACK_DECODER)
            publish(o, r);
        if (r < s->n)
            code = engine_go_on(o->p.engine.ctl, e);
        if (code)
            goto out;
    }
out:
    free(ids);
    free(rows);
    free(baseline);
    return code;
}

static enum err_code run_open(struct occlusion *o, struct err *e) {
    struct perturb *p = &o->p;
    const struct method_input *in = p->engine.in;
    const int64_t none = 0;
    enum err_code code = engine_shape(&p->engine, 0, &none, e);
    if (code)
        return code;
    engine_shaped(&p->engine);
    o->shares_past =
        p->target.moves &&
        plan_has(&in->config->decoder, PART_ATTENTION); /* a recurrence has no keys to share */
    p->work = p->source.n + (p->target.moves ? p->target.n : 0);
    o->variants = perturb_room(p);
    o->changed = malloc((size_t)(PERTURB_MOST * p->engine.n_steps) * sizeof *o->changed);
    o->clean = malloc((size_t)p->engine.n_steps * sizeof *o->clean);
    if (!o->variants || !o->changed || !o->clean)
        return perturb_no_memory(e);
    struct perturb_variants v = {.n = 1, .keep_past = o->shares_past};
    code = perturb_forward(p, &o->past, &v, e);
    if (code)
        return code;
    code = perturb_clean(p, o->past, o->clean, e);
    if (code)
        return code;
    if (p->source.n)
        code = run_side(o, &p->source, e);
    if (code)
        return code;
    if (p->target.moves)
        code = run_side(o, &p->target, e);
    if (code)
        return code;
    publish(o, in->end);
    return code;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct occlusion o = {0};
    out->class = ATTRIBUTION_COARSE;
    enum err_code code = perturb_open(&o.p, out, in, ctl, e);
    if (code)
        goto out;
    code = run_open(&o, e);
out:
    forward_free(o.past);
    free(o.variants);
    free(o.changed);
    free(o.clean);
    perturb_close(&o.p);
    return code;
}

/* The input, and every token's variant; of a target that attends, only the rows from the token
 * on. */
static void cost(struct cost *c, const struct cost_input *in) {
    bool two = in->config->encoder_decoder, target = !two || in->attribute_target;
    double n_target = (double)in->n_target, steps = (double)in->n_steps;
    cost_forwards(c, in, 1 + (double)in->n_source, (1 + (double)in->n_source) * steps);
    if (target && !plan_has(&in->config->decoder, PART_ATTENTION)) {
        cost_forwards(c, in, n_target, n_target * steps);
    } else if (target) {
        c->passes += n_target;
        c->target_rows += n_target * (n_target + 1) / 2;
        c->logits += n_target * steps - steps * (steps - 1) / 2;
    }
    perturb_cost_bytes(c, in, (double)cost_rows(in));
    cost_result_bytes(c, in, 1);
}

const struct method method_occlusion = {
    .span = SPAN_MAGNITUDE,
    .columns = COLUMNS_TOGETHER,
    .decl = {.id = "occlusion",
             .title = "Occlusion",
             .family = FAMILY_PERTURBATION,
             .axes = AXES_TOKENS,
             .needs_attributed_fn = true,
             .summary = "|f(x) − f(x with token i replaced by the baseline)|, the baseline being "
                        "the unknown token's embedding.",
             .paper = "Zeiler and Fergus 2014, Visualizing and understanding convolutional "
                      "networks, section 4.2",
             .reference = "captum.attr.Occlusion with a window of one token; equal to Inseq's"},
    .cost = cost,
    .run = run,
};
