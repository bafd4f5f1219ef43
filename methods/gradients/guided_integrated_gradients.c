/*
 * Guided integrated gradients. Kapishnikov et al. 2021, "Guided integrated gradients: an adaptive
 * path method for removing noise", algorithm 1 with anchors: from the baseline to the input, always
 * moving those elements first whose gradients are smallest, so that the path keeps out of steep
 * places that have nothing to do with the prediction. Each column has a path of its own; a chunk of
 * columns goes forward together. Reference: the authors' PAIR saliency library
 * (saliency/core/guided_ig.py). Elements are those of all tokens that are attributed, both sides
 * together.
 */
#include "methods/engine/path_run.h"

#include "backend/base/mem.h"
#include "methods/engine/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CLOSE 1e-9 /* of distances that count as equal */

static const struct option_decl options[] = {
    {.name = "n_steps",
     .type = OPTION_INT,
     .default_value = "200",
     .minimum = 1,
     .maximum = 10000,
     .unit = "points",
     .help = "Points of the path at which the gradient is taken, one after the other."},
    {.name = "fraction",
     .type = OPTION_FLOAT,
     .default_value = "0.25",
     .minimum = 0,
     .maximum = 1,
     .help = "The share of the elements, those with the smallest gradients, that move together."},
    {.name = "max_dist",
     .type = OPTION_FLOAT,
     .default_value = "0.02",
     .minimum = 0,
     .maximum = 1,
     .help = "How far an element may be from the straight path, in parts of its whole way; 0 is "
             "integrated gradients, 1 is free."},
    {.name = "return_convergence_delta",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Add the step score deltas: how far the attributions' sum is from f(x) − f(x′)."},
};

struct column {
    double *x, *sum;
    int64_t n; /* elements: the first of `whole` */
};

struct guided {
    struct path_run run;
    int64_t n_steps;
    double fraction, reach;
    double *target, *base;         /* [N] of all elements that move, the source's first */
    double *grad, *order, *x_high; /* [N] scratch */
    int64_t n;
    struct column columns[PATH_CHUNK];
};

/* --- one step of one column -------------------------------------------------------------- */

/* The k-th smallest of n values, which are reordered (Hoare 1961). */
static double kth(double *v, int64_t n, int64_t k) {
    for (int64_t low = 0, high = n - 1; low < high;) {
        double pivot = v[low + (high - low) / 2];
        int64_t i = low - 1, j = high + 1;
        for (;;) {
            while (v[++i] < pivot) {
            }
            while (v[--j] > pivot) {
            }
            if (i >= j)
                break;
            double t = v[i];
            v[i] = v[j];
            v[j] = t;
        }
        if (k <= j)
            high = j;
        else
            low = j + 1;
    }
    return v[k];
}

static void catch_up(const struct guided *g, struct column *c, double low) {
    for (int64_t k = 0; k < c->n; k++) {
        double way = g->target[k] - g->base[k];
        if (way != 0 && (c->x[k] - g->base[k]) / way < low)
            c->x[k] = g->base[k] + low * way;
    }
}

static double distance_left(const struct guided *g, const struct column *c) {
    double sum = 0;
    for (int64_t k = 0; k < c->n; k++)
        sum += fabs(c->x[k] - g->target[k]);
    return sum;
}

/* Moves the elements whose gradients are smallest towards the furthest they may go, as far as
 * brings the distance left to `goal`; returns whether more must. */
static bool move_smallest(struct guided *g, struct column *c, double distance, double goal) {
    for (int64_t k = 0; k < c->n; k++) {
        if (c->x[k] == g->x_high[k])
            g->grad[k] = INFINITY;
        g->order[k] = fabs(g->grad[k]);
    }
    double bound = kth(g->order, c->n, (int64_t)floor(g->fraction * (double)(c->n - 1))), room = 0;
    bool any = false;
    for (int64_t k = 0; k < c->n; k++)
        if (fabs(g->grad[k]) <= bound && !isinf(g->grad[k])) {
            room += fabs(c->x[k] - g->x_high[k]);
            any = true;
        }
    double part = room > 0 ? (distance - goal) / room : INFINITY;
    for (int64_t k = 0; k < c->n; k++)
        if (fabs(g->grad[k]) <= bound && !isinf(g->grad[k]))
            c->x[k] = part > 1 ? g->x_high[k] : c->x[k] + part * (g->x_high[k] - c->x[k]);
    return part > 1 && any;
}

/* Column c's step s of n, given the gradient [N] at its x. */
static void advance(struct guided *g, struct column *c, const float *gradient, int64_t s) {
    double alpha = (double)(s + 1) / (double)g->n_steps, low = fmax(alpha - g->reach, 0),
           high = fmin(alpha + g->reach, 1), whole = 0;
    double *old = mem_alloc((size_t)c->n * sizeof *old);
    for (int64_t k = 0; k < c->n; k++) {
        double way = g->target[k] - g->base[k];
        whole += fabs(way);
        g->x_high[k] = g->base[k] + high * way;
        g->grad[k] = gradient[k];
    }
    const double goal = whole * (1 - alpha);
    for (bool more = whole > 0; more;) {
        memcpy(old, c->x, (size_t)c->n * sizeof *old);
        catch_up(g, c, low);
        double distance = distance_left(g, c);
        more = fabs(distance - goal) > CLOSE * fmax(1, fmax(distance, goal)) && distance > goal;
        if (more)
            more = move_smallest(g, c, distance, goal);
        for (int64_t k = 0; k < c->n; k++)
            c->sum[k] += (c->x[k] - old[k]) * gradient[k];
    }
    free(old);
}

/* --- all columns of a chunk -------------------------------------------------------------- */

/* Elements of a side that moves, before those of the column's own. */
static int64_t first_of(const struct guided *g, int side) {
    return side == STACK_DECODER && g->run.sides[STACK_ENCODER].moves
               ? g->run.sides[STACK_ENCODER].n * g->run.width
               : 0;
}

static int64_t rows_of(const struct guided *g, int side, const struct path_chunk *chunk) {
    return side == STACK_ENCODER ? g->run.sides[side].n : chunk->n_target;
}

static enum err_code forward_columns(struct guided *g, const struct path_chunk *chunk,
                                     struct forward **out, struct err *e) {
    struct path_run *r = &g->run;
    const struct method_input *in = r->engine.in;
    struct forward_input f = {.n_batch = chunk->n,
                              .n_source = r->sides[0].n,
                              .n_target = chunk->n_target,
                              .source_ids = r->sides[0].ids,
                              .target_ids = r->sides[1].ids,
                              .keep_gradient = true};
    for (int i = 0; i < 2; i++) {
        const struct path_side *s = &r->sides[i];
        const int64_t n = rows_of(g, i, chunk) * r->width;
        if (!s->moves)
            continue;
        for (int64_t b = 0; b < chunk->n; b++) {
            float *to = r->points[i] + b * n;
            const double *x = g->columns[b].x + first_of(g, i);
            int64_t own =
                g->columns[b].n - first_of(g, i) < n ? g->columns[b].n - first_of(g, i) : n;
            memcpy(to, s->x, (size_t)n * sizeof *to);
            for (int64_t k = 0; k < own; k++)
                to[k] = (float)x[k];
        }
        *(i ? &f.target_embeddings : &f.source_embeddings) = r->points[i];
    }
    return model_forward(out, in->model, &f, r->engine.ctl, e);
}

/* Gradients of all columns at their points, and a step of each. */
static enum err_code step_columns(struct guided *g, struct forward *f,
                                  const struct path_chunk *chunk, int64_t s, float *logits,
                                  float *d, float *gradients[2], struct err *e) {
    struct path_run *r = &g->run;
    struct position at[PATH_CHUNK];
    for (int64_t b = 0; b < chunk->n; b++)
        at[b] = (struct position){b, engine_row(&r->engine, chunk->columns[b])};
    enum err_code code = forward_logits(f, at, chunk->n, logits, e);
    if (code)
        return code;
    for (int64_t b = 0; b < chunk->n; b++)
        engine_attribute(&r->engine, chunk->columns[b], logits + b * r->n_row, d + b * r->n_row);
    code = forward_vjp(
        f,
        &(struct vjp_request){
            .at = at, .n = chunk->n, .d_logits = d, .source = gradients[0], .target = gradients[1]},
        r->engine.ctl, e);
    if (code)
        return code;
    float *one = mem_alloc((size_t)g->n * sizeof *one);
    for (int64_t b = 0; b < chunk->n; b++) {
        for (int i = 0; i < 2; i++) {
            int64_t n = rows_of(g, i, chunk) * r->width, room = g->columns[b].n - first_of(g, i);
            if (gradients[i])
                memcpy(one + first_of(g, i), gradients[i] + b * n,
                       (size_t)(n < room ? n : room) * sizeof *one);
        }
        advance(g, &g->columns[b], one, s);
    }
    free(one);
    return ERR_OK;
}

/* Every column of a chunk where its path begins. */
static void begin_columns(struct guided *g, const struct path_chunk *chunk) {
    const struct path_run *r = &g->run;
    for (int64_t b = 0; b < chunk->n; b++) {
        struct column *c = &g->columns[b];
        c->n = first_of(g, STACK_DECODER) +
               (r->sides[1].moves ? (r->engine.in->start + chunk->columns[b]) * r->width : 0);
        memcpy(c->x, g->base, (size_t)c->n * sizeof *c->x);
        memset(c->sum, 0, (size_t)c->n * sizeof *c->sum);
    }
}

/* The columns' sums go where those of other paths stand. */
static void take_sums(struct guided *g, const struct path_chunk *chunk) {
    struct path_run *r = &g->run;
    for (int64_t b = 0; b < chunk->n; b++)
        for (int i = 0; i < 2; i++) {
            const int64_t n = r->sides[i].n * r->width,
                          seen = i ? g->columns[b].n - first_of(g, i) : n;
            for (int64_t k = 0; r->sums[i] && k < seen; k++)
                r->sums[i][b * n + k] = (float)g->columns[b].sum[first_of(g, i) + k];
        }
}

static enum err_code run_chunk(struct guided *g, const struct path_chunk *chunk, struct err *e) {
    struct path_run *r = &g->run;
    struct forward *f = NULL;
    float *logits = malloc((size_t)(chunk->n * r->n_row) * sizeof *logits),
          *d = malloc((size_t)(chunk->n * r->n_row) * sizeof *d), *gradients[2] = {0};
    bool good = logits && d;
    for (int i = 0; i < 2 && good; i++)
        if (r->sides[i].moves)
            good = (gradients[i] = malloc((size_t)(chunk->n * rows_of(g, i, chunk) * r->width) *
                                          sizeof(float)));
    enum err_code code = good ? ERR_OK : path_no_memory(e);
    if (code)
        goto out;
    begin_columns(g, chunk);
    for (int64_t s = 0; s < g->n_steps; s++) {
        code = forward_columns(g, chunk, &f, e);
        if (code)
            goto out;
        code = step_columns(g, f, chunk, s, logits, d, gradients, e);
        if (code)
            goto out;
        forward_free(f);
        f = NULL;
        run_progress(r->engine.ctl, "attributing",
                     r->engine.out->n_done * g->n_steps + chunk->n * (s + 1),
                     r->engine.n_steps * g->n_steps);
        code = engine_go_on(r->engine.ctl, e);
        if (code)
            goto out;
    }
    take_sums(g, chunk);
out:
    forward_free(f);
    free(logits);
    free(d);
    free(gradients[0]);
    free(gradients[1]);
    return code;
}

/* --- the run ----------------------------------------------------------------------------- */

static enum err_code prepare(struct guided *g, struct err *e) {
    struct path_run *r = &g->run;
    const struct path_side *s = r->sides;
    for (int i = 0; i < 2; i++)
        g->n += s[i].moves ? s[i].n * r->width : 0;
    double **arrays[] = {&g->target, &g->base, &g->grad, &g->order, &g->x_high};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        *arrays[i] = mem_alloc((size_t)g->n * sizeof **arrays[i]);
    for (int i = 0; i < 2; i++)
        for (int64_t k = 0; s[i].moves && k < s[i].n * r->width; k++) {
            g->target[first_of(g, i) + k] = s[i].x[k];
            g->base[first_of(g, i) + k] = s[i].baseline[k];
        }
    for (int64_t b = 0; b < PATH_CHUNK; b++)
        g->columns[b] = (struct column){.x = mem_alloc((size_t)g->n * sizeof(double)),
                                        .sum = mem_alloc((size_t)g->n * sizeof(double))};
    for (int i = 0; i < 2; i++)
        if (!(r->points[i] = malloc(PATH_CHUNK * (size_t)(s[i].n * r->width + 1) * sizeof(float))))
            return path_no_memory(e);
    return ERR_OK;
}

static void dispose(struct guided *g) {
    double *arrays[] = {g->target, g->base, g->grad, g->order, g->x_high};
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++)
        free(arrays[i]);
    for (int64_t b = 0; b < PATH_CHUNK; b++) {
        free(g->columns[b].x);
        free(g->columns[b].sum);
    }
    path_run_close(&g->run);
}

/* As many columns as fit: each is a sequence of its own. */
static void fit(const struct guided *g, struct path_chunk *chunk) {
    const struct method_input *in = g->run.engine.in;
    const int64_t bytes =
        model_forward_bytes(in->model, 1, g->run.sides[0].n, chunk->n_target, true);
    chunk->n = engine_fit(in->memory_budget, bytes, chunk->n);
    chunk->n_target = in->start + chunk->columns[chunk->n - 1];
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    static const double ends[2] = {1, 0};
    struct guided g = {.n_steps = option_int(in->options, "n_steps"),
                       .fraction = option_float(in->options, "fraction"),
                       .reach = option_float(in->options, "max_dist")};
    struct path path = {.n = 2, .alpha = ends, .from_baseline = true};
    enum err_code code = path_run_open(
        &g.run, out, in, &path, NULL, option_bool(in->options, "return_convergence_delta"), ctl, e);
    if (code)
        goto out;
    code = prepare(&g, e);
    if (code)
        goto out;
    for (int64_t c = 0; c < g.run.engine.n_steps;) {
        double difference[PATH_CHUNK] = {0}, size[PATH_CHUNK] = {0};
        int64_t columns[PATH_CHUNK], left = g.run.engine.n_steps - c;
        for (int64_t i = 0; i < PATH_CHUNK && i < left; i++)
            columns[i] = c + i;
        struct path_chunk chunk = path_next_chunk(&g.run, columns, left);
        fit(&g, &chunk);
        code = run_chunk(&g, &chunk, e);
        if (code)
            goto out;
        code = path_end_values(&g.run, &chunk, difference, size, e);
        if (code)
            goto out;
        path_finish_columns(&g.run, &chunk, difference, size, NULL, NULL);
        c += chunk.n;
        if (c < g.run.engine.n_steps)
            code = engine_go_on(ctl, e);
        if (code)
            goto out;
    }
out:
    dispose(&g);
    return code;
}

static void cost(struct cost *c, const struct cost_input *in) {
    const int64_t bytes = model_config_forward_bytes(in->config, in->element_bytes, 1, in->n_source,
                                                     in->n_target, true),
                  most = in->n_steps < PATH_CHUNK ? in->n_steps : PATH_CHUNK;
    const double n = (double)option_int(in->options, "n_steps"), steps = (double)in->n_steps,
                 chunk = (double)engine_fit(in->memory_budget, bytes, most),
                 ends = option_bool(in->options, "return_convergence_delta") ? 2 : 1;
    cost_forwards(c, in, n * steps + ends * ceil(steps / chunk), ends * steps);
    cost_gradients(c, in, n);
    cost_forward_bytes(c, in, chunk, true);
    cost_gradient_bytes(c, in, chunk);
    const int64_t width = model_config_embedding_width(in->config);
    cost_result_bytes(c, in, width);
    c->bytes += (double)sizeof(double) * (double)((in->n_source + in->n_target) * width) *
                (2 * PATH_CHUNK + 6);
}

const struct method method_guided_integrated_gradients = {
    .decl =
        {.id = "guided_integrated_gradients",
         .title = "Guided integrated gradients",
         .family = FAMILY_GRADIENT,
         .axes = AXES_TOKENS_WIDTH,
         .needs_attributed_fn = true,
         .options = options,
         .n_options = sizeof options / sizeof options[0],
         .summary = "Σ ∂f/∂x · Δx along a path from the baseline to the input that always "
                    "moves the elements with the smallest gradients first; its sum is "
                    "f(x) − f(x′).",
         .paper = "Kapishnikov et al. 2021, Guided integrated gradients: an adaptive path method "
                  "for removing noise, algorithm 1",
         .reference =
             "PAIR saliency's GuidedIG, over all elements of all attributed tokens; not in Inseq"},
    .run = run,
    .cost = cost,
};
