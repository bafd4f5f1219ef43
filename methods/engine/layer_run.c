/*
 * One forward of the input (and of the baseline, as a second sequence) gives what every layer
 * yields. At the input, a chunk of columns then asks it for the gradients at all layers in one
 * walk. Along a line, each layer has forwards of its own that begin with what it is given.
 */
#include "methods/engine/layer_run.h"

#include "backend/base/mem.h"
#include "methods/engine/batch.h"
#include "methods/engine/path_inputs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 10 /* columns at most */

struct layer_run {
    struct method_run engine;
    const struct layer_method *method;
    struct layer_choice choice;
    struct path_side sides[2];
    struct forward *input; /* of the input, and of the baseline */
    int64_t width, n_row, batch;
    float **a, **baseline; /* [n_sites] of [rows, width] */
    float **sums;          /* [n_sites] of [CHUNK, rows, width] */
    float *points[2];      /* [batch, rows, width] of one layer, by stack */
    float *logits, *d;     /* of one forward's points and a chunk's columns */
    float *gradients[2];
};

void layer_times_activation(float *sum, const float *a, const float *baseline, int64_t width) {
    (void)baseline;
    for (int64_t k = 0; k < width; k++)
        sum[k] *= a[k];
}

void layer_times_difference(float *sum, const float *a, const float *baseline, int64_t width) {
    for (int64_t k = 0; k < width; k++)
        sum[k] *= a[k] - baseline[k];
}

static enum err_code no_memory(struct err *e) {
    return err_set(
        e, ERR_NOMEM,
        "out of memory for gradients at layers; ask for fewer layers or attribute fewer steps");
}

static int64_t rows_of(const struct layer_run *r, int64_t site) {
    return r->sides[r->choice.sites[site].stack].n;
}

static float *numbers(int64_t n, bool *good) {
    float *p = malloc((size_t)(n > 0 ? n : 1) * sizeof *p);
    *good &= p != NULL;
    return p;
}

/* --- what the layers yield --------------------------------------------------------------- */

/* One side's embeddings twice: the input's, then the baseline's, or the input's again where this
 * side is held. */
static float *both_ends(const struct layer_run *r, int stack, bool *good) {
    const struct path_side *s = &r->sides[stack];
    const int64_t n = s->n * s->width;
    float *out = numbers(2 * n, good);
    const bool moves = stack == STACK_ENCODER || r->choice.sides[STACK_DECODER];
    if (out && n) {
        memcpy(out, s->x, (size_t)n * sizeof *out);
        memcpy(out + n, moves ? s->baseline : s->x, (size_t)n * sizeof *out);
    }
    return out;
}

static enum err_code run_input(struct layer_run *r, struct err *e) {
    const struct method_input *in = r->engine.in;
    bool good = true;
    float *x[2] = {NULL, NULL}, *both = NULL;
    struct forward_input f = {.n_batch = 1,
                              .source_ids = in->source_ids,
                              .n_source = r->sides[0].n,
                              .target_ids = in->target_ids,
                              .n_target = r->sides[1].n,
                              .sites = r->choice.sites,
                              .n_sites = r->choice.n_sites,
                              .keep_gradient = r->method->n_points == 0};
    if (r->method->baseline) {
        for (int stack = 0; stack < 2; stack++)
            x[stack] = both_ends(r, stack, &good);
        f.n_batch = 2;
        f.source_embeddings = r->sides[0].n ? x[0] : NULL;
        f.target_embeddings = x[1];
        f.rescale = r->method->rescale;
    }
    enum err_code code =
        good ? model_forward(&r->input, in->model, &f, r->engine.ctl, e) : no_memory(e);
    if (code)
        goto out;
    for (int64_t s = 0; s < r->choice.n_sites; s++) {
        const int64_t n = rows_of(r, s) * r->width;
        free(both);
        both = numbers(f.n_batch * n, &good);
        code = both ? forward_activation(r->input, s, both, e) : no_memory(e);
        if (code)
            goto out;
        memcpy(r->a[s], both, (size_t)n * sizeof *both);
        if (r->method->baseline)
            memcpy(r->baseline[s], both + n, (size_t)n * sizeof *both);
    }
out:
    free(both);
    free(x[0]);
    free(x[1]);
    return code;
}

/* --- a forward that begins at one layer -------------------------------------------------- */

/* Sites of layer `l`: one for each side. Returns how many. */
static int64_t sites_of(const struct layer_run *r, int64_t l, int64_t out[2]) {
    int64_t n = 0;
    for (int stack = 0; stack < 2; stack++)
        if (r->choice.sides[stack])
            out[n++] = layers_first(&r->choice, stack) + l;
    return n;
}

static enum err_code forward_points(struct layer_run *r, int64_t l, const double *alpha, int64_t n,
                                    int64_t n_target, bool keep_gradient, struct forward **out,
                                    struct err *e) {
    const struct method_input *in = r->engine.in;
    int64_t which[2], n_sites = sites_of(r, l, which);
    struct model_site sites[2];
    struct site_values given[2];
    struct forward_input f = {.n_batch = n,
                              .source_ids = in->source_ids,
                              .n_source = r->sides[0].n,
                              .target_ids = in->target_ids,
                              .n_target = n_target,
                              .sites = sites,
                              .n_sites = keep_gradient ? n_sites : 0,
                              .keep_gradient = keep_gradient};
    for (int64_t i = 0; i < n_sites; i++) {
        const struct model_site *s = &r->choice.sites[which[i]];
        const float *a = r->a[which[i]], *baseline = r->baseline[which[i]];
        const int64_t size = (s->stack == STACK_ENCODER ? r->sides[0].n : n_target) * r->width;
        float *to = r->points[s->stack];
        for (int64_t b = 0; b < n; b++)
            for (int64_t k = 0; k < size; k++)
                to[b * size + k] =
                    alpha[b] == 1 ? a[k]
                                  : (float)(baseline[k] + alpha[b] * ((double)a[k] - baseline[k]));
        sites[i] = *s;
        given[i] = (struct site_values){*s, to};
        if (s->module == MODULE_EMBEDDING && s->stack == STACK_ENCODER)
            f.source_embeddings = to;
        else if (s->module == MODULE_EMBEDDING)
            f.target_embeddings = to;
    }
    if (r->choice.module != MODULE_EMBEDDING)
        f.given = given, f.n_given = n_sites;
    return model_forward(out, in->model, &f, r->engine.ctl, e);
}

/* --- a chunk of columns ------------------------------------------------------------------ */

struct chunk {
    int64_t first, n, n_target;
};

static void place(const struct layer_run *r, const struct chunk *c, int64_t n_points,
                  struct position *at) {
    for (int64_t k = 0; k < n_points * c->n; k++)
        at[k] = (struct position){k / c->n, engine_row(&r->engine, c->first + k % c->n)};
}

/* Logits and derivatives of a chunk's columns at n points; `score`: they are the input's own. */
static enum err_code derive(struct layer_run *r, struct forward *f, const struct chunk *c,
                            const struct position *at, int64_t n_points, bool score,
                            struct err *e) {
    const int64_t total = n_points * c->n;
    enum err_code code = forward_logits(f, at, total, r->logits, e);
    if (code)
        return code;
    for (int64_t k = 0; k < total; k++) {
        engine_attribute(&r->engine, c->first + k % c->n, r->logits + k * r->n_row,
                         r->d + k * r->n_row);
        if (score)
            code = engine_score(&r->engine, c->first + k, r->logits + k * r->n_row, e);
        if (code)
            return code;
    }
    return code;
}

static enum err_code at_input(struct layer_run *r, const struct chunk *c, struct err *e) {
    struct position at[CHUNK];
    place(r, c, 1, at);
    const struct vjp_request back = {.at = at, .n = c->n, .d_logits = r->d, .sites = r->sums};
    enum err_code code = derive(r, r->input, c, at, 1, true, e);
    if (code)
        return code;
    return forward_vjp(r->input, &back, r->engine.ctl, e);
}

/* Points [from, from + n) of the line of one layer. */
static enum err_code add_points(struct layer_run *r, const struct chunk *c, int64_t l, int64_t from,
                                int64_t n, struct err *e) {
    const struct layer_method *m = r->method;
    int64_t which[2], n_sites = sites_of(r, l, which);
    struct position *at = mem_alloc((size_t)(n * c->n) * sizeof *at);
    const struct vjp_request back = {
        .at = at, .n = n * c->n, .d_logits = r->d, .sites = r->gradients};
    struct forward *f = NULL;
    enum err_code code = forward_points(r, l, m->alpha + from, n, c->n_target, true, &f, e);
    place(r, c, n, at);
    if (code)
        goto out;
    code = derive(r, f, c, at, n, false, e);
    if (code)
        goto out;
    code = forward_vjp(f, &back, r->engine.ctl, e);
    if (code)
        goto out;
    for (int64_t i = 0; i < n_sites; i++) {
        const int64_t rows = rows_of(r, which[i]),
                      there = r->choice.sites[which[i]].stack == STACK_ENCODER ? rows : c->n_target;
        for (int64_t k = 0; k < n * c->n; k++) {
            float *sum = r->sums[which[i]] + k % c->n * rows * r->width;
            const float *g = r->gradients[i] + k * there * r->width;
            for (int64_t j = 0; j < there * r->width; j++)
                sum[j] += (float)(m->weight[from + k / c->n] * g[j]);
        }
    }
out:
    forward_free(f);
    free(at);
    return code;
}

static enum err_code along_lines(struct layer_run *r, const struct chunk *c, struct err *e) {
    const int64_t n_points = r->method->n_points, n_layers = r->choice.n,
                  total = r->engine.n_steps * n_layers * n_points;
    struct position at[CHUNK];
    enum err_code code = ERR_OK;
    for (int64_t s = 0; s < r->choice.n_sites; s++)
        memset(r->sums[s], 0, (size_t)(c->n * rows_of(r, s) * r->width) * sizeof **r->sums);
    for (int64_t l = 0; l < n_layers; l++)
        for (int64_t from = 0; from < n_points; from += r->batch) {
            const int64_t n = n_points - from < r->batch ? n_points - from : r->batch;
            code = add_points(r, c, l, from, n, e);
            run_progress(r->engine.ctl, "attributing",
                         c->first * n_layers * n_points + c->n * (l * n_points + from + n), total);
            if (code)
                return code;
            code = engine_go_on(r->engine.ctl, e);
            if (code)
                return code;
        }
    place(r, c, 1, at);
    return derive(r, r->input, c, at, 1, true, e); /* the input's own scores */
}

/* Finishes the i-th column of a chunk and writes it; returns the sum of its attributions. */
static double write_column(struct layer_run *r, const struct chunk *c, int64_t i) {
    const int64_t column = c->first + i, n_layers = r->choice.n,
                  cell = r->method->summed ? 1 : r->width;
    double total = 0;
    for (int64_t s = 0; s < r->choice.n_sites; s++) {
        const bool decoder = r->choice.sites[s].stack == STACK_DECODER;
        const int64_t rows = rows_of(r, s), seen = decoder ? r->engine.in->start + column : rows,
                      layer = s - layers_first(&r->choice, decoder);
        struct scores *to =
            decoder ? &r->engine.out->target_attributions : &r->engine.out->source_attributions;
        for (int64_t row = 0; row < seen; row++) {
            float *sum = r->sums[s] + (i * rows + row) * r->width,
                  *out = to->data + ((row * r->engine.n_steps + column) * n_layers + layer) * cell;
            double of_row = 0;
            if (r->method->finish)
                r->method->finish(sum, r->a[s] + row * r->width,
                                  r->baseline[s] ? r->baseline[s] + row * r->width : NULL,
                                  r->width);
            for (int64_t k = 0; k < r->width; k++)
                of_row += sum[k];
            if (r->method->summed)
                *out = (float)of_row;
            else
                memcpy(out, sum, (size_t)r->width * sizeof *sum);
            total += of_row;
        }
    }
    return total;
}

/* f with the layer's output for the input, less f with that for the baseline. */
static enum err_code differences(struct layer_run *r, const struct chunk *c, double *out,
                                 struct err *e) {
    static const double ends[2] = {1, 0};
    struct forward *f = NULL;
    enum err_code code = forward_points(r, 0, ends, 2, c->n_target, false, &f, e);
    if (code)
        goto out;
    for (int64_t i = 0; i < c->n; i++) {
        const struct position at[2] = {{0, engine_row(&r->engine, c->first + i)},
                                       {1, engine_row(&r->engine, c->first + i)}};
        code = forward_logits(f, at, 2, r->logits, e);
        if (code)
            goto out;
        out[i] = engine_attribute(&r->engine, c->first + i, r->logits, NULL) -
                 engine_attribute(&r->engine, c->first + i, r->logits + r->n_row, NULL);
    }
out:
    forward_free(f);
    return code;
}

static enum err_code run_chunk(struct layer_run *r, const struct chunk *c, struct scores *deltas,
                               struct err *e) {
    double difference[CHUNK] = {0};
    enum err_code code = r->method->n_points ? along_lines(r, c, e) : at_input(r, c, e);
    if (code)
        return code;
    if (deltas)
        code = differences(r, c, difference, e);
    if (code)
        return code;
    for (int64_t i = 0; i < c->n; i++) {
        const double sum = write_column(r, c, i);
        if (deltas)
            deltas->data[c->first + i] = (float)(sum - difference[i]);
        engine_publish(&r->engine, c->first + i);
    }
    return code;
}

/* --- memory ------------------------------------------------------------------------------ */

/* The last n columns, which see most: gradients of all sites, and those of points, and their walk.
 */
static int64_t chunk_bytes(const void *user, int64_t n) {
    const struct layer_run *r = user;
    const struct chunk c = {r->engine.n_steps - n, n, r->sides[1].n};
    const int64_t rows = r->sides[0].n + r->sides[1].n;
    struct position at[CHUNK];
    int64_t numbers = r->batch * (rows * r->width + 2 * r->n_row);
    for (int64_t s = 0; s < r->choice.n_sites; s++)
        numbers += rows_of(r, s) * r->width;
    place(r, &c, 1, at);
    return n * numbers * (int64_t)sizeof(float) + r->batch * forward_vjp_bytes(r->input, at, n);
}

/* How many columns a chunk may have. */
static int64_t chunk_columns(const struct layer_run *r) {
    const int64_t most = r->engine.n_steps < CHUNK ? r->engine.n_steps : CHUNK;
    return engine_fit_together(r->engine.in->memory_budget, most, chunk_bytes, r);
}

static enum err_code open_arrays(struct layer_run *r, struct err *e) {
    const int64_t n_sites = r->choice.n_sites;
    bool good = true;
    r->a = mem_alloc((size_t)n_sites * sizeof *r->a);
    r->baseline = mem_alloc((size_t)n_sites * sizeof *r->baseline);
    r->sums = mem_alloc((size_t)n_sites * sizeof *r->sums);
    for (int64_t s = 0; s < n_sites; s++) {
        r->a[s] = numbers(rows_of(r, s) * r->width, &good);
        r->baseline[s] = r->method->baseline ? numbers(rows_of(r, s) * r->width, &good) : NULL;
    }
    return good ? ERR_OK : no_memory(e);
}

/* What a chunk of n columns needs. */
static enum err_code open_chunk(struct layer_run *r, int64_t n, struct err *e) {
    const int64_t total = (r->batch > 1 ? r->batch : 1) * n,
                  ends = r->method->deltas && total < 2 ? 2 : total,
                  most = r->batch > 2 ? r->batch : 2;
    int64_t which[2], n_sites = sites_of(r, 0, which);
    bool good = true;
    for (int64_t s = 0; s < r->choice.n_sites; s++)
        r->sums[s] = numbers(n * rows_of(r, s) * r->width, &good);
    r->logits = numbers(ends * r->n_row, &good);
    r->d = numbers(total * r->n_row, &good);
    for (int stack = 0; stack < 2 && (r->method->n_points || r->method->deltas); stack++)
        r->points[stack] = numbers(most * r->sides[stack].n * r->width, &good);
    for (int64_t i = 0; i < n_sites && r->method->n_points; i++)
        r->gradients[i] = numbers(total * rows_of(r, which[i]) * r->width, &good);
    return good ? ERR_OK : no_memory(e);
}

static void close_run(struct layer_run *r) {
    for (int64_t s = 0; s < r->choice.n_sites && r->a; s++) {
        free(r->a[s]);
        free(r->baseline[s]);
        free(r->sums[s]);
    }
    free(r->a);
    free(r->baseline);
    free(r->sums);
    for (int i = 0; i < 2; i++) {
        free(r->points[i]);
        free(r->gradients[i]);
        path_side_dispose(&r->sides[i]);
    }
    free(r->logits);
    free(r->d);
    forward_free(r->input);
    layers_dispose(&r->choice);
    engine_close(&r->engine);
}

static enum err_code open_run(struct layer_run *r, struct err *e) {
    const struct method_input *in = r->engine.in;
    const struct layer_method *m = r->method;
    enum err_code code = layers_read(&r->choice, m->id, in, false, e);
    if (code)
        return code;
    if (m->deltas && r->choice.n > 1)
        code = err_set(e, ERR_USAGE, "%s: return_convergence_delta is of one layer; ask for one",
                       m->id);
    if (code)
        return code;
    /* Layers where there are several, and the width where it is not summed. */
    const int64_t both[2] = {r->choice.n, r->width};
    const bool one = r->choice.n == 1;
    code = layers_shape(&r->engine, &r->choice, m->summed || one ? 1 : 2,
                        !m->summed && one ? both + 1 : both, e);
    if (code)
        return code;
    code = path_inputs_open(&r->sides[0], &r->sides[1], in, m->baseline, e);
    if (code)
        return code;
    code = open_arrays(r, e);
    if (code)
        return code;
    engine_shaped(&r->engine);
    const int64_t rows = r->sides[0].n + r->sides[1].n,
                  bytes = model_forward_bytes(in->model, 1, r->sides[0].n, r->sides[1].n, true);
    r->batch = engine_batch(in->memory_budget, rows, bytes, m->n_points, true);
    r->engine.own_progress = m->n_points > 0;
    return run_input(r, e);
}

enum err_code layer_run(struct attribution_sequence *out, const struct method_input *in,
                        const struct layer_method *m, const struct run_ctl *ctl, struct err *e) {
    struct layer_run r = {
        .method = m, .width = layers_width(in->options, in->config), .n_row = method_row(in)};
    out->class = m->summed ? ATTRIBUTION_MULTI_DIMENSIONAL : ATTRIBUTION_GRANULAR;
    enum err_code code = engine_open(&r.engine, out, in, ctl, e);
    struct scores *deltas = NULL;
    if (code)
        goto out;
    if (m->deltas && !(deltas = attribution_add_step_scores(out, "deltas")))
        code = no_memory(e);
    if (code)
        goto out;
    code = open_run(&r, e);
    if (code)
        goto out;
    const int64_t most = chunk_columns(&r);
    code = open_chunk(&r, most, e);
    if (code)
        goto out;
    for (int64_t c = 0; c < r.engine.n_steps;) {
        struct chunk chunk = {.first = c,
                              .n = r.engine.n_steps - c < most ? r.engine.n_steps - c : most};
        if (in->publish_early && c == 0)
            chunk.n = 1;
        chunk.n_target = in->start + c + chunk.n - 1; /* later rows reach none of these columns */
        code = run_chunk(&r, &chunk, deltas, e);
        c += chunk.n;
        if (code)
            goto out;
        if (c < r.engine.n_steps)
            code = engine_go_on(ctl, e);
        if (code)
            goto out;
    }
out:
    close_run(&r);
    return code;
}

void layer_cost(struct cost *c, const struct cost_input *in, int64_t n_points, bool baseline,
                bool summed) {
    const double n_layers = (double)layers_count(in->options, in->config),
                 chunk = in->n_steps < CHUNK ? (double)in->n_steps : CHUNK;
    const double chunks = ceil((double)in->n_steps / CHUNK), ends = baseline ? 2 : 1,
                 batch = n_points ? cost_batch(in, (double)n_points, true) : ends;
    cost_forwards(c, in, ends, n_points ? (double)in->n_steps : 0);
    if (n_points)
        cost_forwards(c, in, n_layers * (double)n_points * chunks,
                      0); /* the later a layer, the less of this: at most */
    cost_gradients(c, in, n_points ? n_layers * (double)n_points : 1);
    cost_forward_bytes(c, in, batch, true);
    cost_gradient_bytes(c, in, batch * chunk);
    const int64_t width = layers_width(in->options, in->config);
    c->bytes +=
        n_layers * chunk * (double)((in->n_source + in->n_target) * width) * (double)sizeof(float);
    cost_result_bytes(c, in, (int64_t)n_layers * (summed ? 1 : width));
}
