/* One batch of a path's points: where they lie, their forward, and the backward of all (point,
 * column) pairs together. */
#include "methods/engine/path_run.h"

#include "backend/base/mem.h"
#include "methods/engine/batch.h"

#include <stdlib.h>
#include <string.h>

enum err_code path_no_memory(struct err *e) {
    return err_set(e, ERR_NOMEM,
                   "out of memory for gradients; attribute fewer steps or set a smaller batch");
}

/* --- where points lie -------------------------------------------------------------------- */

static int64_t moving_sources(const struct path_run *r) {
    return r->sides[STACK_ENCODER].n;
}

/* The row that point p moves alone, and its side. */
static int64_t lone_row(const struct path_run *r, int64_t p, enum model_stack *stack) {
    int64_t row = p / r->path.n;
    *stack = row < moving_sources(r) ? STACK_ENCODER : STACK_DECODER;
    return *stack == STACK_ENCODER ? row : row - moving_sources(r);
}

int64_t path_batch_points(const struct path_run *r, int64_t from, int64_t end) {
    int64_t n = end - from < r->batch ? end - from : r->batch,
            sources = moving_sources(r) * r->path.n;
    if (r->path.one_by_one && from < sources && from + n > sources)
        return sources - from; /* one side moves at a time, so that an encoder that does not runs
                                  once for all */
    return n;
}

int64_t path_seen_points(const struct path_run *r, const struct path_chunk *chunk) {
    if (!r->path.one_by_one)
        return r->n_points;
    int64_t rows =
        moving_sources(r) +
        (r->sides[STACK_DECODER].moves ? r->engine.in->start + chunk->columns[chunk->n - 1] : 0);
    return rows * r->path.n;
}

static bool column_sees(const struct path_run *r, int64_t p, int64_t column) {
    enum model_stack stack;
    if (r->path.rescale != RESCALE_NONE)
        return p == 0; /* the other is its reference */
    return !r->path.one_by_one || lone_row(r, p, &stack) < r->engine.in->start + column ||
           stack == STACK_ENCODER;
}

static void mix(float *out, const float *x, const float *baseline, double alpha, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        out[i] = (float)(baseline[i] + alpha * ((double)x[i] - baseline[i]));
}

/* Embeddings of one point of a side's first n_rows tokens. */
static void place_point(const struct path_run *r, const struct path_side *s, int64_t p,
                        int64_t n_rows, float *out) {
    const int64_t n = n_rows * r->width;
    enum model_stack stack;
    if (s->moves && r->path.point) {
        r->path.point(&r->path, s, p, n_rows, out);
        return;
    }
    if (s->moves && !r->path.one_by_one && r->path.alpha[p] != 1) {
        mix(out, s->x, s->baseline, r->path.alpha[p], n);
        return;
    }
    memcpy(out, s->x, (size_t)n * sizeof *out);
    if (!r->path.one_by_one)
        return;
    int64_t row = lone_row(r, p, &stack);
    if (stack == s->stack && row < n_rows)
        mix(out + row * r->width, s->x + row * r->width, s->baseline + row * r->width,
            r->path.alpha[p % r->path.n], r->width);
}

enum err_code path_forward(struct path_run *r, int64_t from, int64_t n, int64_t n_target,
                           bool keep_gradient, struct forward **out, struct err *e) {
    const struct method_input *in = r->engine.in;
    struct forward_input f = {.n_batch = n,
                              .n_source = r->sides[0].n,
                              .n_target = n_target,
                              .source_ids = r->sides[0].ids,
                              .target_ids = r->sides[1].ids,
                              .keep_gradient = keep_gradient,
                              .rescale = r->path.rescale};
    enum model_stack lone = STACK_DECODER;
    if (r->path.one_by_one)
        lone_row(r, from, &lone);
    for (int i = 0; i < 2 && r->path.from_baseline; i++) {
        const struct path_side *s = &r->sides[i];
        int64_t n_rows = s->stack == STACK_ENCODER ? s->n : n_target;
        if (!s->n || (r->path.one_by_one && s->stack != lone))
            continue;
        for (int64_t b = 0; b < n; b++)
            place_point(r, s, from + b, n_rows, r->points[i] + b * n_rows * r->width);
        *(i ? &f.target_embeddings : &f.source_embeddings) = r->points[i];
    }
    return model_forward(out, in->model, &f, r->engine.ctl, e);
}

enum err_code path_contrast_forward(struct path_run *r, int64_t from, int64_t n,
                                    const struct path_chunk *chunk, bool keep_gradient,
                                    struct forward **out, struct err *e) {
    const struct method_input *in = r->engine.in;
    const bool moves[2] = {engine_contrast_moves(&r->engine, STACK_ENCODER),
                           engine_contrast_moves(&r->engine, STACK_DECODER)};
    *out = NULL;
    if ((!moves[0] && !moves[1]) || r->path.rescale != RESCALE_NONE)
        return ERR_OK;
    struct forward_input f = engine_contrast_input(&r->engine, n, chunk->columns, chunk->n);
    f.keep_gradient = keep_gradient;
    for (int i = 0; i < 2 && r->path.from_baseline; i++) {
        int64_t n_rows = i == STACK_ENCODER ? r->sides[i].n : f.n_target;
        for (int64_t b = 0; b < n && moves[i]; b++)
            place_point(r, &r->sides[i], from + b, n_rows, r->points[i] + b * n_rows * r->width);
        if (moves[i])
            *(i ? &f.target_embeddings : &f.source_embeddings) = r->points[i];
    }
    return model_forward(out, in->model, &f, r->engine.ctl, e);
}

/* --- gradients --------------------------------------------------------------------------- */

struct pair {
    int64_t point, i;
}; /* i: of the chunk */

struct batch {
    struct position *at;
    int64_t *first; /* the rows that alone move, where only they are wanted; NULL: all rows are */
    struct pair *pairs;
    int64_t n;
    float *logits, *d, *gradients[2];
};

static void batch_close(struct batch *b) {
    free(b->at);
    free(b->first);
    free(b->pairs);
    free(b->logits);
    free(b->d);
    free(b->gradients[0]);
    free(b->gradients[1]);
}

static int64_t rows_of(const struct path_run *r, int side, const struct path_chunk *chunk) {
    return side == STACK_ENCODER ? r->sides[0].n : chunk->n_target;
}

static bool batch_open(struct batch *b, const struct path_run *r, int64_t from, int64_t n,
                       const struct path_chunk *chunk) {
    enum model_stack lone = STACK_DECODER;
    *b = (struct batch){.at = mem_alloc((size_t)(n * chunk->n) * sizeof *b->at),
                        .pairs = mem_alloc((size_t)(n * chunk->n) * sizeof *b->pairs)};
    if (r->path.one_by_one)
        lone_row(r, from, &lone);
    if (r->path.one_by_one && lone == STACK_DECODER)
        b->first = mem_alloc((size_t)(n * chunk->n) * sizeof *b->first);
    for (int64_t p = from; p < from + n; p++)
        for (int64_t i = 0; i < chunk->n; i++)
            if (column_sees(r, p, chunk->columns[i])) {
                b->at[b->n] =
                    (struct position){p - from, engine_row(&r->engine, chunk->columns[i])};
                if (b->first)
                    b->first[b->n] = lone_row(r, p, &lone);
                b->pairs[b->n++] = (struct pair){p, i};
            }
    bool good = (b->logits = malloc((size_t)(b->n * r->n_row + 1) * sizeof(float))) &&
                (b->d = malloc((size_t)(b->n * r->n_row + 1) * sizeof(float)));
    for (int i = 0; i < 2; i++)
        if (good && r->sums[i] && (!r->path.one_by_one || i == (int)lone))
            good = (b->gradients[i] = malloc((size_t)(b->n * rows_of(r, i, chunk) * r->width + 1) *
                                             sizeof(float)));
    return good;
}

/* sums += step · gradient, of one pair and side. */
static void add_gradient(struct path_run *r, int side, const struct pair *pair, bool same_point,
                         int64_t n_rows, const float *gradient) {
    const struct path *path = &r->path;
    const struct path_side *s = &r->sides[side];
    float *sum = r->sums[side] + pair->i * s->n * r->width;
    int64_t from = 0, to = n_rows * r->width;
    enum model_stack stack;
    if (path->step) {
        if (!same_point)
            path->step(path, s, pair->point, n_rows, r->step);
        for (int64_t k = 0; k < to; k++)
            sum[k] += r->step[k] * gradient[k];
        return;
    }
    if (path->one_by_one) {
        from = lone_row(r, pair->point, &stack) * r->width;
        to = from + r->width;
    }
    double weight = path->weight[path->one_by_one ? pair->point % path->n : pair->point];
    for (int64_t k = from; k < to; k++)
        sum[k] += (float)(weight * gradient[k]);
}

/* The part of the contrast's own run, of pairs whose derivatives with respect to its logits are
 * d. */
static enum err_code backward_contrast(struct path_run *r, struct forward *f, const struct batch *b,
                                       const struct position *at, const float *d,
                                       const struct path_chunk *chunk, struct err *e) {
    const int64_t rows[2] = {
        r->sides[STACK_ENCODER].n,
        engine_contrast_input(&r->engine, 1, chunk->columns, chunk->n).n_target};
    float *gradients[2] = {NULL, NULL};
    enum err_code code = ERR_OK;
    enum model_stack lone = STACK_DECODER;
    if (r->path.one_by_one)
        lone_row(r, b->pairs[0].point, &lone); /* a batch moves rows of one side */
    for (int i = 0; i < 2; i++)
        if (r->sums[i] && engine_contrast_moves(&r->engine, i) &&
            (!r->path.one_by_one || i == (int)lone)) {
            gradients[i] = malloc((size_t)(b->n * rows[i] * r->width) * sizeof(float));
            code = gradients[i] ? code : path_no_memory(e);
        }
    if (code || (!gradients[0] && !gradients[1]))
        goto out;
    code = forward_vjp(
        f,
        &(struct vjp_request){
            .at = at, .n = b->n, .d_logits = d, .source = gradients[0], .target = gradients[1]},
        r->engine.ctl, e);
    if (code)
        goto out;
    for (int i = 0; i < 2; i++)
        for (int64_t k = 0; k < b->n && gradients[i]; k++)
            add_gradient(r, i, &b->pairs[k], false, rows[i], gradients[i] + k * rows[i] * r->width);
out:
    free(gradients[0]);
    free(gradients[1]);
    return code;
}

/* Derivatives of all pairs where the contrast's own run follows the points; *followed is false, and
 * nothing done, where it does not. */
static enum err_code derive_against(struct path_run *r, struct batch *b, int64_t from, int64_t n,
                                    const struct path_chunk *chunk, bool *followed, struct err *e) {
    const struct method_input *in = r->engine.in;
    struct forward *f;
    enum err_code code = path_contrast_forward(r, from, n, chunk, true, &f, e);
    *followed = f;
    if (code || !f)
        return code;
    struct position *at = mem_alloc((size_t)b->n * sizeof *at);
    float *logits = malloc((size_t)(2 * b->n * r->n_row) * sizeof *logits),
          *d = logits ? logits + b->n * r->n_row : NULL;
    for (int64_t k = 0; k < b->n; k++)
        at[k] = (struct position){b->pairs[k].point - from,
                                  in->alignment[chunk->columns[b->pairs[k].i]] - 1};
    code = logits ? forward_logits(f, at, b->n, logits, e) : path_no_memory(e);
    if (code)
        goto out;
    for (int64_t k = 0; k < b->n; k++)
        engine_attribute_against(&r->engine, chunk->columns[b->pairs[k].i],
                                 b->logits + k * r->n_row, logits + k * r->n_row,
                                 b->d + k * r->n_row, d + k * r->n_row);
    code = backward_contrast(r, f, b, at, d, chunk, e);
out:
    forward_free(f);
    free(logits);
    free(at);
    return code;
}

enum err_code path_backward(struct path_run *r, struct forward *f, int64_t from, int64_t n,
                            const struct path_chunk *chunk, struct err *e) {
    struct batch b;
    enum err_code code = batch_open(&b, r, from, n, chunk) ? ERR_OK : path_no_memory(e);
    bool followed = false;
    if (code || b.n == 0) /* a batch of rows may be seen by columns beyond this chunk alone */
        goto out;
    code = forward_logits(f, b.at, b.n, b.logits, e);
    if (code)
        goto out;
    code = derive_against(r, &b, from, n, chunk, &followed, e);
    if (code)
        goto out;
    for (int64_t k = 0; k < b.n; k++) {
        int64_t c = chunk->columns[b.pairs[k].i];
        if (!followed)
            engine_attribute(&r->engine, c, b.logits + k * r->n_row, b.d + k * r->n_row);
        if (r->score_here && b.pairs[k].point == 0)
            code = engine_score(&r->engine, c, b.logits + k * r->n_row, e);
        if (code)
            goto out;
    }
    code = forward_vjp(f,
                       &(struct vjp_request){.at = b.at,
                                             .n = b.n,
                                             .d_logits = b.d,
                                             .first = b.first,
                                             .source = b.gradients[0],
                                             .target = b.gradients[1]},
                       r->engine.ctl, e);
    if (code)
        goto out;
    for (int side = 0; side < 2; side++)
        for (int64_t k = 0; k < b.n && b.gradients[side]; k++) {
            int64_t n_rows = rows_of(r, side, chunk);
            bool same = k > 0 && b.pairs[k].point == b.pairs[k - 1].point;
            add_gradient(r, side, &b.pairs[k], same, n_rows,
                         b.gradients[side] + k * n_rows * r->width);
        }
out:
    batch_close(&b);
    return code;
}

/* A backward of the points of a forward for some of a chunk's columns. */
struct backward {
    const struct path_run *r;
    const struct forward *f;
    const struct path_chunk *chunk;
    int64_t n_points;
};

/* Gradients, logits and their derivatives of n columns, and the walk. */
static int64_t backward_bytes(const void *user, int64_t n) {
    const struct backward *b = user;
    const struct path_run *r = b->r;
    const int64_t total = b->n_points * n, rows = r->sides[0].n + b->chunk->n_target;
    struct position *at = mem_alloc((size_t)total * sizeof *at);
    for (int64_t k = 0; k < total; k++)
        at[k] = (struct position){k / n, engine_row(&r->engine, b->chunk->columns[k % n])};
    const int64_t walk = forward_vjp_bytes(b->f, at, total);
    free(at);
    return total * (rows * r->width + 2 * r->n_row) * (int64_t)sizeof(float) + walk;
}

int64_t path_fitting_columns(const struct path_run *r, const struct forward *f, int64_t n,
                             const struct path_chunk *chunk) {
    const struct backward b = {r, f, chunk, n};
    return engine_fit_together(r->engine.in->memory_budget, chunk->n, backward_bytes, &b);
}
