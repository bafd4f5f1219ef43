#include "methods/own/own_run.h"

#include "backend/base/mem.h"
#include "methods/declare/plugin.h"
#include "methods/engine/gradient_batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Behind a run's `engine`. */
struct own {
    struct perturb p;
    struct tinseq_method_run run;
    double arguments[PLUGIN_MOST_OPTIONS];
    enum err_code code; /* of the first call that failed */
    struct err *e;
};

#define WORK 1000 /* parts that progress is told in */

void own_arguments(double *out, const struct option_set *options) {
    for (size_t i = 0; i < options->n && i < PLUGIN_MOST_OPTIONS; i++)
        out[i] = options->values[i].number;
}

static struct own *own_of(const struct tinseq_method_run *run) {
    return run->engine;
}

/* What a call returns: the first error is kept, and ends the run whatever the method makes of it.
 */
static const char *ended(struct own *o, enum err_code code) {
    if (code && !o->code)
        o->code = code;
    return o->code ? o->e->message : NULL;
}

static const float *from_entry(const float *x, int64_t i, const struct perturb_side *s,
                               int64_t width) {
    return x ? x + i * s->n * width : NULL;
}

static enum err_code values_of_batch(struct own *o, const struct perturb_variants *v, double *out) {
    struct perturb *p = &o->p;
    struct forward *f = NULL;
    enum err_code code = perturb_forward(p, &f, v, o->e);
    if (code)
        goto out;
    code = perturb_values(p, f, v->n, 0, out, o->e);
    if (code)
        goto out;
    code = engine_go_on(p->engine.ctl, o->e);
out:
    forward_free(f);
    return code;
}

static enum err_code values_of(struct own *o, int64_t n, const float *source, const float *target,
                               double *out) {
    const struct perturb *p = &o->p;
    const int64_t most = perturb_fit(p, 0, p->source.n > 0);
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < n && !code; i += most) {
        const struct perturb_variants v = {.n = n - i < most ? n - i : most,
                                           .source = from_entry(source, i, &p->source, p->width),
                                           .target = from_entry(target, i, &p->target, p->width)};
        code = values_of_batch(o, &v, out + i * p->engine.n_steps);
    }
    return code;
}

static const char *values(const struct tinseq_method_run *run, int64_t n, const float *source,
                          const float *target, double *out) {
    struct own *o = own_of(run);
    return ended(o, o->code ? o->code : values_of(o, n, source, target, out));
}

/* --- gradients --- */

struct asked {
    struct own *o;
    const int64_t *columns;
    double *values;
};

static enum err_code look(void *user, int64_t i, const float *logits, float *d_logits, bool *wanted,
                          struct err *e) {
    const struct asked *a = user;
    const double value = engine_attribute(&a->o->p.engine, a->columns[i], logits, d_logits);
    (void)e, (void)wanted;
    if (a->values)
        a->values[i] = value;
    return ERR_OK;
}

/* n inputs of one side into the batch's room: those given, or the side as it is. */
static void fill(struct gradient_batch *b, const struct perturb_side *s, const float *given,
                 int64_t n, int64_t width) {
    const size_t bytes = (size_t)(s->n * width) * sizeof(float);
    for (int64_t i = 0; i < n && b->x[s->stack]; i++)
        memcpy(b->x[s->stack] + i * s->n * width, given ? given + i * s->n * width : s->x, bytes);
}

static void take(float *to, const struct gradient_batch *b, const struct perturb_side *s,
                 int64_t n) {
    if (to && b->gradient[s->stack])
        memcpy(to, b->gradient[s->stack], (size_t)(n * s->n * b->width) * sizeof *to);
}

struct inputs {
    int64_t n;
    const int64_t *columns;
    const float *source, *target;
    double *values;
    float *d_source, *d_target;
};

static enum err_code gradients_of_batch(struct own *o, struct gradient_batch *b, int64_t first,
                                        int64_t n, const struct inputs *in) {
    struct perturb *p = &o->p;
    struct asked asked = {o, in->columns + first, in->values ? in->values + first : NULL};
    int64_t n_back, source = first * p->source.n * p->width,
                    target = first * p->target.n * p->width;
    for (int64_t i = 0; i < n; i++)
        b->at[i] = (struct position){i, engine_row(&p->engine, asked.columns[i])};
    fill(b, &p->source, in->source ? in->source + source : NULL, n, p->width);
    fill(b, &p->target, in->target ? in->target + target : NULL, n, p->width);
    enum err_code code = gradient_batch_run(b, n, p, look, &asked, &n_back, o->e);
    if (code)
        return code;
    take(in->d_source ? in->d_source + source : NULL, b, &p->source, n);
    take(in->d_target ? in->d_target + target : NULL, b, &p->target, n);
    return ERR_OK;
}

static enum err_code check_columns(struct own *o, const struct inputs *in) {
    for (int64_t i = 0; i < in->n; i++)
        if (in->columns[i] < 0 || in->columns[i] >= o->p.engine.n_steps)
            return err_set(o->e, ERR_USAGE, "there is no column %lld: there are %lld",
                           (long long)in->columns[i], (long long)o->p.engine.n_steps);
    return ERR_OK;
}

static enum err_code gradients_of(struct own *o, const struct inputs *in) {
    struct perturb *p = &o->p;
    struct gradient_batch b;
    enum err_code code = check_columns(o, in);
    if (code)
        return code;
    const int64_t most = gradient_batch_fit(p, -1, p->source.n, p->target.n, in->n);
    code = gradient_batch_open(&b, p, -1, most, p->source.n, p->target.n, true, o->e);
    for (int64_t i = 0; i < in->n && !code; i += most)
        code = gradients_of_batch(o, &b, i, in->n - i < most ? in->n - i : most, in);
    gradient_batch_dispose(&b);
    return code;
}

static const char *gradients(const struct tinseq_method_run *run, int64_t n, const int64_t *columns,
                             const float *source, const float *target, double *values,
                             float *d_source, float *d_target) {
    struct own *o = own_of(run);
    const struct inputs in = {n, columns, source, target, values, d_source, d_target};
    return ended(o, o->code ? o->code : gradients_of(o, &in));
}

/* --- tokens --- */

static const struct perturb_side *side_of(const struct own *o, int source) {
    return source ? &o->p.source : &o->p.target;
}

static const char *embed(const struct tinseq_method_run *run, int source, const int32_t *ids,
                         int64_t n, float *out) {
    struct own *o = own_of(run);
    enum err_code code = o->code;
    for (int64_t i = 0; i < n && !code; i++)
        if (ids[i] < 0 || ids[i] >= o->p.n_vocab)
            code = err_set(o->e, ERR_USAGE, "there is no token %d", ids[i]);
    if (!code && n)
        code = model_embed(o->p.engine.in->model, side_of(o, source)->stack, ids, n, out, o->e);
    return ended(o, code);
}

static const char *baseline(const struct tinseq_method_run *run, int source, int32_t *ids) {
    struct own *o = own_of(run);
    const struct perturb_side *s = side_of(o, source);
    return ended(o, o->code
                        ? o->code
                        : engine_baseline(o->p.engine.in, s->ids, s->n, s->has_start, ids, o->e));
}

static const char *progress(const struct tinseq_method_run *run, double share) {
    struct own *o = own_of(run);
    const int64_t done = (int64_t)(fmin(fmax(share, 0), 1) * WORK);
    if (done > o->p.work_done)
        perturb_progress(&o->p, done - o->p.work_done);
    return ended(o, o->code ? o->code : engine_go_on(o->p.engine.ctl, o->e));
}

/* --- the run --- */

static struct tinseq_method_side side(const struct perturb_side *s, const struct scores *scores) {
    return (struct tinseq_method_side){s->ids, s->n, s->x, s->moves ? scores->data : NULL};
}

/* What a step cannot see, and what is infinite, is no number. */
static void blank(struct scores *s, int64_t start, bool target) {
    const int64_t cell = scores_cell(s), n = scores_count(s);
    for (int64_t i = 0; i < n; i++) {
        const int64_t row = i / cell / s->dims[1], column = i / cell % s->dims[1];
        if (!isfinite(s->data[i]) || (target && row >= start + column))
            s->data[i] = NAN;
    }
}

static enum err_code run_open(struct own *o, const struct tinseq_method *own) {
    struct method_run *g = &o->p.engine;
    enum err_code code = engine_shape(g, own->per_width != 0, &o->p.width, o->e);
    if (code)
        return code;
    engine_shaped(g);
    code = perturb_scores(&o->p, o->e);
    if (code)
        return code;
    o->p.work = WORK;
    own_arguments(o->arguments, g->in->options);
    o->run = (struct tinseq_method_run){
        .source = side(&o->p.source, &g->out->source_attributions),
        .target = side(&o->p.target, &g->out->target_attributions),
        .start = g->in->start,
        .n_columns = g->n_steps,
        .n_width = o->p.width,
        .arguments = o->arguments,
        .values = values,
        .gradients = gradients,
        .embed = embed,
        .baseline = baseline,
        .progress = progress,
        .engine = o,
    };
    const char *wrong = own->run(&o->run);
    if (wrong && !o->code)
        o->code = err_set(o->e, ERR_USAGE, "%s: %.300s", own->name, wrong);
    if (o->code)
        return o->code;
    blank(&g->out->source_attributions, g->in->start, false);
    blank(&g->out->target_attributions, g->in->start, true);
    for (int64_t c = 0; c < g->n_steps; c++)
        engine_publish(g, c);
    return ERR_OK;
}

enum err_code own_run(struct attribution_sequence *out, const struct tinseq_method *own,
                      const struct method_input *in, const struct run_ctl *ctl, struct err *e) {
    struct own o = {.e = e};
    out->class = own->per_width ? ATTRIBUTION_GRANULAR : ATTRIBUTION_COARSE;
    enum err_code code = perturb_open(&o.p, out, in, ctl, e);
    if (!code)
        code = run_open(&o, own);
    perturb_close(&o.p);
    return code;
}
