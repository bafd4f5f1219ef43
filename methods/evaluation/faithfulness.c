/* Curves by batched forwards of masked inputs. All orders of a column, the methods' and the random
 * ones, share its batches. */
#include "methods/evaluation/faithfulness.h"
#include "methods/evaluation/order_numbers.h"
#include "methods/statistics/ranks.h"

#include "backend/base/mem.h"
#include "methods/engine/perturb.h"
#include "methods/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct faithfulness_spec faithfulness_defaults(void) {
    return (struct faithfulness_spec){.n_points = 10,
                                      .parts = {1, 5, 10, 20, 50},
                                      .n_parts = 5,
                                      .n_random = 5,
                                      .n_top = 5,
                                      .n_noise = 5,
                                      .noise = 0.01};
}

/* --- life -------------------------------------------------------------------------------- */

static void fill(double *out, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = NAN;
}

static void method_init(struct faithfulness_method *m, const char *name,
                        const struct faithfulness *f) {
    const struct faithfulness_numbers none = {NAN, NAN, NAN, NAN, NAN, NAN};
    m->name = mem_text(name);
    m->mean = none;
    m->columns = mem_alloc((size_t)f->n_columns * sizeof *m->columns);
    for (int64_t g = 0; g < f->n_columns; g++) {
        size_t n = (size_t)f->spec.n_points + 1;
        m->columns[g] = (struct faithfulness_column){none, mem_alloc(n * sizeof(double)),
                                                     mem_alloc(n * sizeof(double))};
        fill(m->columns[g].deletion, (int64_t)n);
        fill(m->columns[g].insertion, (int64_t)n);
    }
}

struct faithfulness *faithfulness_new(const struct faithfulness_spec *spec,
                                      const char *const *names, size_t n_methods,
                                      int64_t n_columns) {
    struct faithfulness *f = mem_alloc(sizeof *f);
    size_t n = (size_t)n_columns;
    *f = (struct faithfulness){.spec = *spec,
                               .n_columns = n_columns,
                               .n_methods = n_methods,
                               .has_random = spec->n_random > 0};
    f->n_tokens = mem_alloc(n * sizeof *f->n_tokens);
    f->value = mem_alloc(n * sizeof *f->value);
    f->empty = mem_alloc(n * sizeof *f->empty);
    f->wanted = mem_alloc(n * sizeof *f->wanted);
    f->done = mem_alloc(n * sizeof *f->done);
    memset(f->wanted, true, n * sizeof *f->wanted);
    fill(f->value, n_columns);
    fill(f->empty, n_columns);
    f->spread = mem_alloc(n * sizeof *f->spread);
    for (int64_t g = 0; g < n_columns; g++)
        f->spread[g] = order_spread_new(spec);
    f->methods = mem_alloc((n_methods + 1) * sizeof *f->methods);
    for (size_t i = 0; i < n_methods; i++)
        method_init(&f->methods[i], names[i], f);
    if (f->has_random)
        method_init(&f->methods[n_methods], "random", f);
    f->agreement = mem_alloc(n_methods * n_methods * sizeof *f->agreement);
    for (size_t i = 0; i < n_methods * n_methods; i++)
        f->agreement[i] = (struct faithfulness_agreement){NAN, NAN, NAN};
    return f;
}

void faithfulness_free(struct faithfulness *f) {
    if (!f)
        return;
    for (size_t i = 0; i < f->n_methods + f->has_random; i++) {
        for (int64_t g = 0; g < f->n_columns; g++) {
            free(f->methods[i].columns[g].deletion);
            free(f->methods[i].columns[g].insertion);
        }
        free(f->methods[i].columns);
        free(f->methods[i].name);
    }
    for (int64_t g = 0; g < f->n_columns; g++)
        order_spread_dispose(&f->spread[g]);
    free(f->spread);
    free(f->methods);
    free(f->agreement);
    free(f->n_tokens);
    free(f->value);
    free(f->empty);
    free(f->wanted);
    free(f->done);
    free(f);
}

/* --- one column -------------------------------------------------------------------------- */

struct place {
    bool target;
    int64_t row;
};

struct column_run {
    struct faithfulness *f;
    struct perturb p;
    float *baselines[2];  /* [n, E] source, target */
    bool *taken[2];       /* [n] rows that can be taken away */
    struct place *places; /* [m] of the column */
    int64_t m;
    uint8_t *masks; /* [n_masks, m] 1: taken away; the first two: none and all */
    double *values; /* [n_masks] */
    int64_t n_masks;
    bool *ordered; /* [orders] those that something is known of */
    int64_t *ks;   /* [n_ks] ascending, 0 < k < m: what curves and parts need */
    int64_t n_ks;
    int64_t work_done, work;
};

static void choose_ks(struct column_run *r) {
    const struct faithfulness_spec *s = &r->f->spec;
    bool *wanted = mem_alloc((size_t)(r->m + 1) * sizeof *wanted);
    for (int64_t i = 0; i <= s->n_points; i++)
        wanted[order_k_of_point(s, i, r->m)] = true;
    for (size_t i = 0; i < s->n_parts; i++)
        wanted[order_k_of_part(s, i, r->m)] = true;
    r->n_ks = 0;
    for (int64_t k = 1; k < r->m; k++)
        if (wanted[k])
            r->ks[r->n_ks++] = k;
    free(wanted);
}

static void choose_places(struct column_run *r, int64_t c) {
    r->m = 0;
    for (int side = 0; side < 2; side++) {
        const struct perturb_side *s = side ? &r->p.target : &r->p.source;
        int64_t n = side ? r->p.engine.in->start + c : s->n;
        for (int64_t row = 0; s->moves && row < n; row++)
            if (r->taken[side][row])
                r->places[r->m++] = (struct place){side == 1, row};
    }
}

/* The order of method i (of a random one beyond the methods). False: it has no score here. */
static bool order_of(const struct column_run *r, const struct attribution_sequence *scores,
                     size_t i, int64_t c, int64_t *order) {
    double *values = mem_alloc((size_t)r->m * sizeof *values);
    uint64_t key = random_key(random_key(random_key(r->f->spec.seed, 1), (uint64_t)c),
                              (uint64_t)(i - r->f->n_methods));
    bool any = i >= r->f->n_methods;
    for (int64_t k = 0; k < r->m; k++) {
        if (i >= r->f->n_methods) {
            values[k] = random_uniform_of(random_key(key, (uint64_t)k));
            continue;
        }
        const struct scores *s =
            r->places[k].target ? &scores[i].target_attributions : &scores[i].source_attributions;
        values[k] = s->data && r->places[k].row < s->dims[0]
                        ? s->data[r->places[k].row * s->dims[1] + c]
                        : NAN;
        any |= !isnan(values[k]);
    }
    rank_order(order, values, r->m);
    free(values);
    return any;
}

/* Masks of one order, from n_masks on: for every k the first k taken away, then all but them. */
static void add_masks(struct column_run *r, const int64_t *order) {
    for (int64_t i = 0; i < r->n_ks; i++)
        for (int inserted = 0; inserted < 2; inserted++) {
            uint8_t *mask = r->masks + r->n_masks++ * r->m;
            for (int64_t k = 0; k < r->m; k++)
                mask[order[k]] = (k < r->ks[i]) != inserted;
        }
}

static void place_variant(const struct column_run *r, struct perturb_batch *batch, int64_t entry,
                          const uint8_t *mask) {
    const struct perturb_side *sides[2] = {&r->p.source, &r->p.target};
    int64_t width = r->p.width;
    for (int side = 0; side < 2; side++)
        if (sides[side]->moves)
            memcpy(batch->x[side] + entry * sides[side]->n * width, sides[side]->x,
                   (size_t)(sides[side]->n * width) * sizeof(float));
    for (int64_t k = 0; k < r->m; k++) {
        int side = r->places[k].target;
        if (mask[k])
            memcpy(batch->x[side] + (entry * sides[side]->n + r->places[k].row) * width,
                   r->baselines[side] + r->places[k].row * width, (size_t)width * sizeof(float));
    }
}

struct visit {
    struct column_run *r;
    int64_t from, column;
};

static enum err_code take_value(void *user, int64_t i, const float *logits, struct err *e) {
    struct visit *v = user;
    (void)e;
    v->r->values[v->from + i] = engine_attribute(&v->r->p.engine, v->column, logits, NULL);
    return ERR_OK;
}

/* f of all masks of column c. */
static enum err_code evaluate(struct column_run *r, int64_t c, struct err *e) {
    struct perturb_place at[PERTURB_MOST];
    struct perturb_batch batch;
    enum err_code code = perturb_batch_open(&batch, &r->p, e);
    if (code)
        goto out;
    for (int64_t from = 0; from < r->n_masks; from += batch.most) {
        const int64_t n = r->n_masks - from < batch.most ? r->n_masks - from : batch.most;
        struct visit visit = {r, from, c};
        for (int64_t i = 0; i < n; i++) {
            place_variant(r, &batch, i, r->masks + (from + i) * r->m);
            at[i] = (struct perturb_place){i, c};
        }
        code = perturb_batch_run(&batch, &r->p, n, e);
        if (code)
            goto out;
        code = perturb_logits(&r->p, batch.f, at, n, take_value, &visit, e);
        if (code)
            goto out;
        r->work_done += n;
        run_progress(r->p.engine.ctl, "evaluating", r->work_done,
                     r->work > r->work_done ? r->work : r->work_done);
        code = engine_go_on(r->p.engine.ctl, e);
        if (code)
            goto out;
    }
out:
    perturb_batch_dispose(&batch);
    return code;
}

static enum err_code run_column(struct column_run *r, const struct attribution_sequence *scores,
                                int64_t c, struct err *e) {
    struct faithfulness *f = r->f;
    size_t n_orders = f->n_methods + (size_t)f->spec.n_random;
    r->p.target.n = r->p.engine.in->start + c; /* later rows do not reach this column */
    choose_places(r, c);
    f->n_tokens[c] = r->m;
    if (r->m == 0)
        return ERR_OK;
    choose_ks(r);
    int64_t n_masks = 2 + 2 * (int64_t)n_orders * r->n_ks,
            *order = mem_alloc((size_t)r->m * sizeof *order);
    r->masks = calloc((size_t)(n_masks * r->m), 1);
    r->values = calloc((size_t)n_masks, sizeof *r->values);
    r->ordered = mem_alloc(n_orders * sizeof *r->ordered);
    enum err_code code = r->masks && r->values ? ERR_OK : perturb_no_memory(e);
    r->n_masks = 2;
    if (code)
        goto out;
    memset(r->masks + r->m, 1, (size_t)r->m);
    for (size_t i = 0; i < n_orders; i++) {
        r->ordered[i] = order_of(r, scores, i, c, order);
        add_masks(r, order);
    }
    code = evaluate(r, c, e);
    if (code)
        goto out;
    const struct order_values v = {&f->spec, r->values, r->ks, r->n_ks, r->m};
    for (size_t i = 0; i < f->n_methods; i++)
        if (r->ordered[i])
            order_numbers(&f->methods[i].columns[c], &v, i);
    if (f->has_random)
        order_numbers_random(&f->methods[f->n_methods].columns[c], &f->spread[c], &v, f->n_methods);
    f->value[c] = r->values[0];
    f->empty[c] = r->values[1];
out:
    free(r->masks);
    free(r->values);
    free(r->ordered);
    free(order);
    return code;
}

/* --- all columns ------------------------------------------------------------------------- */

static enum err_code prepare_side(struct column_run *r, int side, struct err *e) {
    const struct method_input *in = r->p.engine.in;
    const struct perturb_side *s = side ? &r->p.target : &r->p.source;
    size_t numbers = (size_t)(s->n * r->p.width + 1);
    int32_t *ids = mem_alloc((size_t)(s->n + 1) * sizeof *ids);
    r->baselines[side] = malloc(numbers * sizeof(float));
    r->taken[side] = mem_alloc((size_t)(s->n + 1) * sizeof *r->taken[side]);
    enum err_code code = r->baselines[side] ? ERR_OK : perturb_no_memory(e);
    if (code)
        goto out;
    if (s->n)
        code = engine_baseline(in, s->ids, s->n, s->has_start, ids, e);
    if (code)
        goto out;
    if (s->n)
        code = model_embed(in->model, s->stack, ids, s->n, r->baselines[side], e);
    if (code)
        goto out;
    for (int64_t i = 0; i < s->n; i++)
        r->taken[side][i] = ids[i] != s->ids[i];
out:
    free(ids);
    return code;
}

/* What is watched must be a number in some column at least. */
static enum err_code check_values(const struct faithfulness *f, const struct method_input *in,
                                  struct err *e) {
    int64_t n_done = 0;
    for (int64_t c = 0; c < f->n_columns; c++) {
        if (isfinite(f->value[c]))
            return ERR_OK;
        n_done += f->done[c] && f->n_tokens[c];
    }
    return n_done ? err_set(e, ERR_UNSUPPORTED,
                            "the function %s is not finite at any step: there is nothing to watch",
                            in->target.function->decl.id)
                  : ERR_OK;
}

enum err_code faithfulness_curves(struct faithfulness *f, const struct method_input *in,
                                  const struct attribution_sequence *scores,
                                  const struct faithfulness_events *events,
                                  const struct run_ctl *ctl, struct err *e) {
    struct column_run r = {.f = f};
    struct method_input own = *in;
    struct attribution_sequence none = {.attr_pos_start = in->start, .attr_pos_end = in->end};
    own.n_scores = 0; /* only the attributed function is watched */
    own.tokenizer = NULL;
    enum err_code code = perturb_open(&r.p, &none, &own, ctl, e);
    int64_t n_most = r.p.source.n + r.p.target.n;
    r.places = mem_alloc((size_t)(n_most + 1) * sizeof *r.places);
    r.ks = mem_alloc((size_t)(n_most + 1) * sizeof *r.ks);
    r.work = f->n_columns *
             (2 + 2 * (int64_t)(f->n_methods + (size_t)f->spec.n_random) * (f->spec.n_points - 1));
    if (code)
        goto out;
    for (int side = 0; side < 2; side++) {
        code = prepare_side(&r, side, e);
        if (code)
            goto out;
    }
    for (int64_t c = 0; c < f->n_columns; c++) {
        if (!f->wanted[c])
            continue;
        code = run_column(&r, scores, c, e);
        if (code)
            goto out;
        f->done[c] = true;
        if (events && events->column)
            events->column(events->user, f, c);
    }
    code = check_values(f, &own, e);
out:
    for (int side = 0; side < 2; side++) {
        free(r.baselines[side]);
        free(r.taken[side]);
    }
    free(r.places);
    free(r.ks);
    perturb_close(&r.p);
    attribution_sequence_dispose(&none);
    return code;
}
