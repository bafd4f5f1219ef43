/*
 * The loops: columns in chunks (outside, so that the first columns are seen early), points of the
 * path in batches (inside). A batch of B points is one forward of B sequences; a chunk of N columns
 * asks it for B·N gradients in one batched backward, N as large as the memory budget allows. When
 * all points fit one batch its forward is kept and serves every chunk. A path that becomes finer
 * goes through all this again for the columns that need it.
 */
#include "methods/engine/path_run.h"

#include "backend/base/mem.h"
#include "methods/engine/batch.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void path_times_difference(float *sum, const float *x, const float *baseline, int64_t width) {
    for (int64_t k = 0; k < width; k++)
        sum[k] *= x[k] - baseline[k];
}

/* f of column c at both ends: logits of the path's own forward [2, n_row], of the contrast's where
 * it follows. */
static enum err_code both_values(const struct path_run *r, int64_t c, struct forward *contrast,
                                 const float *logits, float *against, double value[2],
                                 struct err *e) {
    const struct method_input *in = r->engine.in;
    if (!contrast) {
        for (int k = 0; k < 2; k++)
            value[k] = engine_attribute(&r->engine, c, logits + k * r->n_row, NULL);
        return ERR_OK;
    }
    const struct position foils[2] = {{0, in->alignment[c] - 1}, {1, in->alignment[c] - 1}};
    enum err_code code = forward_logits(contrast, foils, 2, against, e);
    if (code)
        return code;
    for (int k = 0; k < 2; k++)
        value[k] = engine_attribute_against(&r->engine, c, logits + k * r->n_row,
                                            against + k * r->n_row, NULL, NULL);
    return ERR_OK;
}

/* Columns whose logits at the ends are one product: with so few rows it takes as long as reading
 * the vocabulary's matrix does. */
enum { END_COLUMNS = 4 };

/* Logits [END_COLUMNS, n_ends, n_row] of the chunk's columns from `first` on. */
static enum err_code end_logits(const struct path_run *r, const struct path_chunk *chunk,
                                int64_t first, int64_t n_ends, struct forward *f, float *logits,
                                struct err *e) {
    struct position at[2 * END_COLUMNS];
    int64_t n = 0;
    for (int64_t i = first; i < chunk->n && i < first + END_COLUMNS; i++)
        for (int64_t k = 0; k < n_ends; k++)
            at[n++] = (struct position){k, engine_row(&r->engine, chunk->columns[i])};
    return forward_logits(f, at, n, logits, e);
}

enum err_code path_end_values(struct path_run *r, const struct path_chunk *chunk,
                              double *difference, double *size, struct err *e) {
    static const double ends[2] = {1, 0};
    const struct path path = r->path;
    const int64_t n_ends = r->both_ends ? 2 : 1, n_numbers = n_ends * r->n_row;
    float *logits = malloc((size_t)((END_COLUMNS * n_ends + 2) * r->n_row) * sizeof *logits),
          *against = logits ? logits + END_COLUMNS * n_numbers : NULL;
    struct forward *f = NULL, *contrast = NULL;
    r->path = (struct path){.n = 2, .alpha = ends, .from_baseline = true};
    enum err_code code =
        logits ? path_forward(r, 0, n_ends, chunk->n_target, false, &f, e) : path_no_memory(e);
    if (code)
        goto out;
    if (r->both_ends)
        code = path_contrast_forward(r, 0, n_ends, chunk, false, &contrast, e);
    if (code)
        goto out;
    for (int64_t i = 0; i < chunk->n; i++) {
        const int64_t c = chunk->columns[i];
        const float *own = logits + i % END_COLUMNS * n_numbers;
        double value[2];
        if (i % END_COLUMNS == 0)
            code = end_logits(r, chunk, i, n_ends, f, logits, e);
        if (code)
            goto out;
        code = engine_score(&r->engine, c, own, e);
        if (code)
            goto out;
        if (!r->both_ends)
            continue;
        code = both_values(r, c, contrast, own, against, value, e);
        if (code)
            goto out;
        difference[i] = value[0] - value[1];
        size[i] = fabs(value[0]) + fabs(value[1]);
    }
out:
    r->path = path;
    forward_free(f);
    forward_free(contrast);
    free(logits);
    return code;
}

/* Finishes one side of the i-th column of a chunk and writes it to the result; returns the sum of
 * its attributions. */
static double write_side(struct path_run *r, int side, const struct path_chunk *chunk, int64_t i) {
    struct scores *to = side == STACK_ENCODER ? &r->engine.out->source_attributions
                                              : &r->engine.out->target_attributions;
    const struct path_side *s = &r->sides[side];
    int64_t c = chunk->columns[i], n_rows = side == STACK_ENCODER ? s->n : r->engine.in->start + c;
    double total = 0;
    for (int64_t row = 0; r->sums[side] && row < n_rows; row++) {
        float *sum = r->sums[side] + (i * s->n + row) * r->width;
        if (r->finish)
            r->finish(sum, s->x + row * r->width, s->baseline + row * r->width, r->width);
        memcpy(to->data + (row * r->engine.n_steps + c) * r->width, sum,
               (size_t)r->width * sizeof *sum);
        for (int64_t k = 0; k < r->width; k++)
            total += sum[k];
    }
    return total;
}

static float *step_score(const struct path_run *r, int64_t which) {
    return r->engine.out->step_scores[which].scores.data;
}

void path_finish_columns(struct path_run *r, const struct path_chunk *chunk,
                         const double *difference, const double *size, int64_t *pending,
                         int64_t *n_pending) {
    for (int64_t i = 0; i < chunk->n; i++) {
        int64_t c = chunk->columns[i];
        double sum = write_side(r, STACK_ENCODER, chunk, i);
        sum += write_side(r, STACK_DECODER, chunk, i);
        if (r->deltas >= 0)
            step_score(r, r->deltas)[c] = (float)(sum - difference[i]);
        if (r->gap >= 0) {
            /* Below a millionth of f itself a difference is float's rounding. */
            double gap = fabs(sum - difference[i]) /
                         fmax(fabs(difference[i]), fmax(1e-6 * size[i], FLT_MIN));
            step_score(r, r->gap)[c] = (float)gap;
            if (r->steps >= 0)
                step_score(r, r->steps)[c] = (float)r->path.n;
            if (r->path.finer && !(gap <= r->path.bound)) {
                pending[(*n_pending)++] = c;
                continue;
            }
        }
        engine_publish(&r->engine, c);
    }
}

static void clear_sums(const struct path_run *r, int64_t n) {
    for (int i = 0; i < 2; i++)
        if (r->sums[i])
            memset(r->sums[i], 0, (size_t)(n * r->sides[i].n * r->width) * sizeof *r->sums[i]);
}

/* The sums of a chunk's columns; how many it took (chunk->n) is known with the first forward. */
static enum err_code run_chunk(struct path_run *r, struct path_chunk *chunk, int64_t finished,
                               int64_t n_columns, struct err *e) {
    enum err_code code = ERR_OK;
    int64_t last = path_seen_points(r, chunk);
    for (int64_t from = 0, n; from < last; from += n) {
        n = path_batch_points(r, from, last);
        struct forward *f = r->kept;
        if (!f)
            code = path_forward(r, from, n, chunk->n_target, true, &f, e);
        if (code)
            return code;
        if (from == 0) {
            chunk->n = path_fitting_columns(r, f, n, chunk);
            last = path_seen_points(r, chunk);
            clear_sums(r, chunk->n);
        }
        code = path_backward(r, f, from, n, chunk, e);
        if (f && f != r->kept)
            forward_free(f);
        if (code)
            return code;
        if (r->engine.own_progress)
            run_progress(r->engine.ctl, "attributing", finished * last + chunk->n * (from + n),
                         n_columns * last);
        code = engine_go_on(r->engine.ctl, e);
        if (code)
            return code;
    }
    return code;
}

struct path_chunk path_next_chunk(const struct path_run *r, const int64_t *columns, int64_t n) {
    struct path_chunk chunk = {.n = n < PATH_CHUNK ? n : PATH_CHUNK};
    if (r->engine.in->publish_early && columns[0] == 0)
        chunk.n = 1;
    memcpy(chunk.columns, columns, (size_t)chunk.n * sizeof *columns);
    /* Later rows reach none of these columns; a forward that is kept has them all the same. */
    chunk.n_target = r->kept ? r->engine.in->end - 1 : r->engine.in->start + columns[chunk.n - 1];
    return chunk;
}

/* Space for the points of this path, and their forward where one is enough. */
static enum err_code open_round(struct path_run *r, struct err *e) {
    const struct method_input *in = r->engine.in;
    const struct path_side *source = &r->sides[STACK_ENCODER], *target = &r->sides[STACK_DECODER];
    int64_t rows = target->n + source->n,
            bytes = model_forward_bytes(in->model, 1, source->n, target->n, true);
    r->n_points = r->path.n;
    if (r->path.one_by_one)
        r->n_points *= source->n + (target->moves ? target->n : 0);
    r->batch = r->n_points;
    if (r->path.rescale == RESCALE_NONE)
        r->batch = engine_batch(in->memory_budget, rows, bytes, r->n_points, true);
    size_t widest = (size_t)(r->batch > 2 ? r->batch : 2);
    for (int i = 0; i < 2; i++) {
        free(r->points[i]);
        r->points[i] = malloc(widest * (size_t)(r->sides[i].n * r->width + 1) * sizeof(float));
    }
    if (!r->points[0] || !r->points[1])
        return path_no_memory(e);
    forward_free(r->kept);
    r->kept = NULL;
    bool keep = r->n_points <= r->batch && !r->path.one_by_one;
    return keep ? path_forward(r, 0, r->n_points, target->n, true, &r->kept, e) : ERR_OK;
}

static int64_t add_score(struct path_run *r, const char *name, bool wanted, enum err_code *code,
                         struct err *e) {
    if (!wanted || *code)
        return -1;
    if (!attribution_add_step_scores(r->engine.out, name))
        *code = path_no_memory(e);
    return (int64_t)r->engine.out->n_step_scores - 1;
}

enum err_code path_run_open(struct path_run *r, struct attribution_sequence *out,
                            const struct method_input *in, const struct path *path,
                            path_finish finish, bool deltas, const struct run_ctl *ctl,
                            struct err *e) {
    *r = (struct path_run){.path = *path,
                           .finish = finish,
                           .width = model_config_embedding_width(in->config),
                           .n_row = method_row(in)};
    out->class = ATTRIBUTION_GRANULAR;
    enum err_code code = engine_open(&r->engine, out, in, ctl, e);
    if (code)
        return code;
    r->deltas = add_score(r, "deltas", deltas || r->path.finer, &code, e);
    r->gap = add_score(r, "convergence_gap", r->path.tells_gap, &code, e);
    r->steps = add_score(r, "n_steps", r->path.finer, &code, e);
    if (code)
        return code;
    if (r->steps >= 0)
        r->engine.out->step_scores[r->steps].scores.integer = true;
    r->engine.own_progress = r->path.n > 1 || r->path.one_by_one;
    r->both_ends = r->deltas >= 0 || r->gap >= 0;
    r->score_here = (!r->path.from_baseline || r->path.rescale != RESCALE_NONE) && !r->both_ends;
    code = engine_shape(&r->engine, 1, (int64_t[]){r->width}, e);
    if (code)
        return code;
    code = path_inputs_open(&r->sides[STACK_ENCODER], &r->sides[STACK_DECODER], in,
                            r->path.from_baseline || r->path.needs_baseline || deltas, e);
    if (code)
        return code;
    int64_t longest = r->sides[0].n > r->sides[1].n ? r->sides[0].n : r->sides[1].n;
    bool good = (r->step = malloc((size_t)(longest * r->width) * sizeof(float)));
    for (int i = 0; i < 2 && good; i++)
        if (r->sides[i].moves)
            good = (r->sums[i] = malloc(PATH_CHUNK * (size_t)(r->sides[i].n * r->width + 1) *
                                        sizeof(float)));
    if (!good)
        return path_no_memory(e);
    engine_shaped(&r->engine);
    return ERR_OK;
}

void path_run_close(struct path_run *r) {
    for (int i = 0; i < 2; i++) {
        path_side_dispose(&r->sides[i]);
        free(r->sums[i]);
        free(r->points[i]);
    }
    free(r->step);
    forward_free(r->kept);
    engine_close(&r->engine);
}

/* All pending columns along the path as it is now; *n_pending are left that need a finer one. */
static enum err_code run_round(struct path_run *r, int64_t *pending, int64_t *n_pending,
                               struct err *e) {
    const int64_t n = *n_pending;
    enum err_code code = open_round(r, e);
    *n_pending = 0;
    if (code)
        return code;
    for (int64_t i = 0; i < n;) {
        double difference[PATH_CHUNK] = {0}, size[PATH_CHUNK] = {0};
        struct path_chunk chunk = path_next_chunk(r, pending + i, n - i);
        code = run_chunk(r, &chunk, i, n, e);
        if (code)
            return code;
        if (!r->score_here)
            code = path_end_values(r, &chunk, difference, size, e);
        i += chunk.n;
        if (code)
            return code;
        path_finish_columns(r, &chunk, difference, size, pending, n_pending);
        if (r->engine.out->n_done < r->engine.n_steps)
            code = engine_go_on(r->engine.ctl, e);
        if (code)
            return code;
    }
    return code;
}

enum err_code path_gradient_run(struct attribution_sequence *out, const struct method_input *in,
                                const struct path *path, path_finish finish, bool deltas,
                                const struct run_ctl *ctl, struct err *e) {
    struct path_run r;
    enum err_code code = path_run_open(&r, out, in, path, finish, deltas, ctl, e);
    int64_t n_pending = 0, *pending = mem_alloc((size_t)(in->end - in->start) * sizeof *pending);
    for (int64_t c = 0; c < in->end - in->start; c++)
        if (engine_wants(&r.engine, c))
            pending[n_pending++] = c;
    if (code)
        goto out;
    while (n_pending > 0) {
        code = run_round(&r, pending, &n_pending, e);
        if (code)
            goto out;
        if (n_pending > 0 && !r.path.finer(&r.path)) {
            for (int64_t i = 0; i < n_pending; i++)
                engine_publish(&r.engine, pending[i]);
            n_pending = 0;
        }
    }
out:
    free(pending);
    path_run_close(&r);
    return code;
}

void path_gradient_cost(struct cost *c, const struct cost_input *in, int64_t n_points,
                        bool from_baseline, bool deltas) {
    double chunks = ceil((double)in->n_steps / PATH_CHUNK),
           batch = cost_batch(in, (double)n_points, true);
    bool kept = (double)n_points <= batch; /* one forward serves every chunk */
    double chunk = in->n_steps < PATH_CHUNK ? (double)in->n_steps : PATH_CHUNK;
    cost_forwards(c, in, kept ? (double)n_points : (double)n_points * chunks, 0);
    cost_gradients(c, in, (double)n_points);
    if (from_baseline)
        cost_forwards(c, in, (deltas ? 2 : 1) * chunks, (deltas ? 2 : 1) * (double)in->n_steps);
    cost_forward_bytes(c, in, batch, true);
    cost_gradient_bytes(c, in, batch * chunk);
    const int64_t width = model_config_embedding_width(in->config);
    cost_result_bytes(c, in, width);
    c->bytes += (double)sizeof(float) * (double)((in->n_source + in->n_target) * width) *
                (chunk + 2 * batch);
}
