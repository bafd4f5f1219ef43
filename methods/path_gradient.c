/*
 * The loops: columns in chunks (outside, so that the first columns are seen early), points of the path in batches (inside). A batch of B points is one
 * forward of B sequences; a chunk of N columns asks it for B·N gradients in one batched backward, N as large as the memory budget allows. When all
 * points fit one batch its forward is kept and serves every chunk.
 */
#include "methods/path_gradient.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Rows of a forward beyond which larger products are no faster. */
#define ROWS_WORTHWHILE 256
/* Columns a chunk holds at most: larger ones are hardly faster and are seen later. */
#define COLUMNS_WORTHWHILE 10

struct side { const int32_t *ids; int64_t n; float *x, *baseline; float *sums; /* [N, n, D] */ bool moves; };

struct run {
    struct engine engine;
    const struct path *path;
    path_finish finish;
    int64_t width, n_vocab;
    struct side source, target; /* source.n 0 for decoder-only models */
    int64_t batch;              /* points in one forward */
    struct forward *kept;       /* the forward of all points, when they fit; at full length */
    float *points[2];           /* [B, n, D] embeddings of a batch; source, target */
    struct scores *deltas;
};

static enum err_code no_memory(struct err *e) { return err_set(e, ERR_NOMEM, "out of memory for gradients; attribute fewer steps or set a smaller batch"); }

/* Embeds a side's tokens and, for a path from a baseline, its baseline. */
static enum err_code embed_side(struct run *r, struct side *s, enum model_stack stack, bool has_start, struct err *e) {
    const struct method_input *in = r->engine.in;
    size_t n = (size_t)(s->n * r->width);
    s->x = calloc(n + 1, sizeof *s->x);
    s->baseline = calloc(n + 1, sizeof *s->baseline);
    if (!s->x || !s->baseline)
        return no_memory(e);
    enum err_code code = in->ops->embed(in->model, stack, s->ids, s->n, s->x, e);
    if (code != ERR_OK || !r->path->from_baseline)
        return code;
    int32_t *ids = mem_alloc((size_t)s->n * sizeof *ids);
    code = engine_baseline(in, s->ids, s->n, has_start, ids, e);
    if (code == ERR_OK)
        code = in->ops->embed(in->model, stack, ids, s->n, s->baseline, e);
    free(ids);
    return code;
}

/* Embeddings of points [from, from + n) of one side, its first n_rows tokens, into r->points. */
static void place_points(const struct run *r, const struct side *s, float *out, int64_t from, int64_t n, int64_t n_rows) {
    for (int64_t b = 0; b < n; b++) {
        double alpha = s->moves && r->path->from_baseline ? r->path->alpha[from + b] : 1;
        float *to = out + b * n_rows * r->width;
        for (int64_t i = 0; i < n_rows * r->width; i++)
            to[i] = alpha == 1 ? s->x[i] : (float)(s->baseline[i] + alpha * ((double)s->x[i] - s->baseline[i]));
    }
}

static enum err_code forward_points(struct run *r, int64_t from, int64_t n, int64_t n_target, bool keep_gradient, struct forward **out, struct err *e) {
    const struct method_input *in = r->engine.in;
    struct forward_input f = {.n_batch = n, .n_source = r->source.n, .n_target = n_target, .source_ids = r->source.ids, .target_ids = r->target.ids,
                              .keep_gradient = keep_gradient};
    if (r->path->from_baseline) {
        if (r->source.n) {
            place_points(r, &r->source, r->points[0], from, n, r->source.n);
            f.source_embeddings = r->points[0];
        }
        place_points(r, &r->target, r->points[1], from, n, n_target);
        f.target_embeddings = r->points[1];
    }
    return in->ops->forward(out, in->model, &f, r->engine.ctl, e);
}

/* sums of column i of a chunk += weight · gradient, over rows. */
static void add_gradient(const struct run *r, struct side *s, int64_t i, int64_t n_rows, const float *gradient, double weight) {
    if (!s->sums)
        return;
    float *sum = s->sums + i * s->n * r->width;
    for (int64_t k = 0; k < n_rows * r->width; k++)
        sum[k] += (float)(weight * gradient[k]);
}

/* Where the logits of columns [c, c + n) are, for every point of a batch: at [n_points, n]. */
static void place_positions(const struct run *r, struct position *at, int64_t n_points, int64_t c, int64_t n) {
    for (int64_t b = 0; b < n_points; b++)
        for (int64_t i = 0; i < n; i++)
            at[b * n + i] = (struct position){b, engine_row(&r->engine, c + i)};
}

/* One batch of points for columns [c, c + n): logits, derivatives, one batched backward. `score`: these are the input's own logits. */
static enum err_code backward_batch(struct run *r, struct forward *f, int64_t from, int64_t n_points, int64_t c, int64_t n, int64_t n_target, bool score,
                                    struct err *e) {
    const struct method_input *in = r->engine.in;
    int64_t total = n_points * n;
    struct position *at = mem_alloc((size_t)total * sizeof *at);
    float *logits = malloc((size_t)(total * r->n_vocab) * sizeof(float)), *d = malloc((size_t)(total * r->n_vocab) * sizeof(float));
    float *gs = r->source.sums ? malloc((size_t)(total * r->source.n * r->width) * sizeof(float)) : NULL;
    float *gt = r->target.sums ? malloc((size_t)(total * n_target * r->width) * sizeof(float)) : NULL;
    bool good = logits && d && (gs || !r->source.sums) && (gt || !r->target.sums);
    enum err_code code = good ? ERR_OK : no_memory(e);
    place_positions(r, at, n_points, c, n);
    if (code == ERR_OK)
        code = in->ops->logits(f, at, total, logits, e);
    for (int64_t k = 0; k < total && code == ERR_OK; k++) {
        engine_attribute(&r->engine, c + k % n, logits + k * r->n_vocab, d + k * r->n_vocab);
        if (score && k < n)
            code = engine_score(&r->engine, c + k, logits + k * r->n_vocab, e);
    }
    if (code == ERR_OK)
        code = in->ops->gradient(f, at, total, d, gs, gt, r->engine.ctl, e);
    for (int64_t k = 0; k < total && code == ERR_OK; k++) {
        double weight = r->path->weight[from + k / n];
        if (gs)
            add_gradient(r, &r->source, k % n, r->source.n, gs + k * r->source.n * r->width, weight);
        if (gt)
            add_gradient(r, &r->target, k % n, n_target, gt + k * n_target * r->width, weight);
    }
    free(at);
    free(logits);
    free(d);
    free(gs);
    free(gt);
    return code;
}

/* f(x) − f(x′) of columns [c, c + n), and the input's own step scores. */
static enum err_code end_values(struct run *r, int64_t c, int64_t n, int64_t n_target, double *difference, struct err *e) {
    static const double ends[2] = {1, 0};
    static const double no_weight[2] = {0, 0};
    struct path two = {2, ends, no_weight, true};
    const struct path *path = r->path;
    int64_t n_ends = r->deltas ? 2 : 1;
    float *logits = malloc((size_t)(n_ends * r->n_vocab) * sizeof *logits);
    struct forward *f = NULL;
    r->path = &two;
    enum err_code code = logits ? forward_points(r, 0, n_ends, n_target, false, &f, e) : no_memory(e);
    r->path = path;
    for (int64_t i = 0; i < n && code == ERR_OK; i++) {
        struct position at[2] = {{0, engine_row(&r->engine, c + i)}, {1, engine_row(&r->engine, c + i)}};
        code = r->engine.in->ops->logits(f, at, n_ends, logits, e);
        if (code != ERR_OK)
            break;
        code = engine_score(&r->engine, c + i, logits, e);
        if (r->deltas)
            difference[i] = engine_attribute(&r->engine, c + i, logits, NULL) - engine_attribute(&r->engine, c + i, logits + r->n_vocab, NULL);
    }
    if (f)
        r->engine.in->ops->forward_free(f);
    free(logits);
    return code;
}

/* Finishes one side of column c (the i-th of its chunk) and writes it to the result; returns the sum of its attributions. */
static double write_side(struct run *r, struct side *s, struct scores *to, int64_t c, int64_t i, int64_t n_rows) {
    double total = 0;
    for (int64_t row = 0; s->sums && row < n_rows; row++) {
        float *sum = s->sums + (i * s->n + row) * r->width;
        r->finish(sum, s->x + row * r->width, s->baseline + row * r->width, r->width);
        memcpy(to->data + (row * r->engine.n_steps + c) * r->width, sum, (size_t)r->width * sizeof *sum);
        for (int64_t k = 0; k < r->width; k++)
            total += sum[k];
    }
    return total;
}

/* How many of the n columns from c on a backward of the first batch can take within the budget, at least 1. */
static int64_t fitting_columns(const struct run *r, const struct forward *f, int64_t points, int64_t c, int64_t n, int64_t n_target) {
    const struct method_input *in = r->engine.in;
    int64_t numbers_of_one = (r->source.n + n_target) * r->width + 2 * r->n_vocab; /* gradients, logits and their derivatives */
    struct position *at = mem_alloc((size_t)(points * n) * sizeof *at);
    for (; n > 1; n--) {
        place_positions(r, at, points, c, n);
        if (points * n * numbers_of_one * (int64_t)sizeof(float) + in->ops->gradient_bytes(f, at, points * n) <= in->memory_budget)
            break;
    }
    free(at);
    return n;
}

static void clear_sums(const struct run *r, struct side *s, int64_t n) {
    if (s->sums)
        memset(s->sums, 0, (size_t)(n * s->n * r->width) * sizeof *s->sums);
}

static void finish_columns(struct run *r, int64_t c, int64_t n, const double *difference) {
    for (int64_t i = 0; i < n; i++) {
        double sum = write_side(r, &r->source, &r->engine.out->source_attributions, c + i, i, r->source.n);
        sum += write_side(r, &r->target, &r->engine.out->target_attributions, c + i, i, r->engine.in->start + c + i);
        if (r->deltas)
            r->deltas->data[c + i] = (float)(sum - difference[i]);
        engine_publish(&r->engine, c + i);
    }
}

/* Columns from c on, at most *n_columns; how many it took is known with the first forward, and then there. */
static enum err_code run_chunk(struct run *r, int64_t c, int64_t *n_columns, struct err *e) {
    const struct method_input *in = r->engine.in;
    int64_t n = *n_columns, n_target = r->kept ? in->end - 1 : in->start + c + n - 1; /* later rows reach none of these columns */
    enum err_code code = ERR_OK;
    double difference[COLUMNS_WORTHWHILE] = {0};
    for (int64_t from = 0; from < r->path->n && code == ERR_OK; from += r->batch) {
        int64_t points = r->path->n - from < r->batch ? r->path->n - from : r->batch;
        struct forward *f = r->kept;
        if (!f)
            code = forward_points(r, from, points, n_target, true, &f, e);
        if (code == ERR_OK && from == 0) {
            *n_columns = n = fitting_columns(r, f, points, c, n, n_target);
            clear_sums(r, &r->source, n);
            clear_sums(r, &r->target, n);
        }
        if (code == ERR_OK)
            code = backward_batch(r, f, from, points, c, n, n_target, !r->path->from_baseline, e);
        if (f && f != r->kept)
            in->ops->forward_free(f);
        if (code == ERR_OK && r->path->n > 1)
            run_progress(r->engine.ctl, "attributing", c * r->path->n + n * (from + points), r->engine.n_steps * r->path->n);
        if (code == ERR_OK && run_cancelled(r->engine.ctl))
            code = err_set(e, ERR_CANCELLED, "the attribution was cancelled");
    }
    if (code == ERR_OK && r->path->from_baseline)
        code = end_values(r, c, n, n_target, difference, e);
    if (code == ERR_OK)
        finish_columns(r, c, n, difference);
    return code;
}

/* How many columns a chunk may take from c on: the first alone when someone watches. */
static int64_t most_columns(const struct run *r, int64_t c) {
    int64_t left = r->engine.n_steps - c;
    if (r->engine.in->publish_early && c == 0)
        return 1;
    return left < COLUMNS_WORTHWHILE ? left : COLUMNS_WORTHWHILE;
}

static enum err_code open_run(struct run *r, struct err *e) {
    const struct method_input *in = r->engine.in;
    int64_t n_target = in->end - 1;
    r->source = (struct side){.ids = in->source_ids, .n = in->config->encoder_decoder ? in->n_source : 0, .moves = true};
    r->target = (struct side){.ids = in->target_ids, .n = n_target, .moves = !in->config->encoder_decoder || in->attribute_target};
    enum err_code code = engine_shape(&r->engine, 1, (int64_t[]){r->width}, e);
    if (code == ERR_OK && r->source.n)
        code = embed_side(r, &r->source, STACK_ENCODER, false, e);
    if (code == ERR_OK)
        code = embed_side(r, &r->target, STACK_DECODER, in->config->encoder_decoder, e);
    if (code != ERR_OK)
        return code;
    int64_t rows = n_target + r->source.n, bytes = in->ops->forward_bytes(in->model, 1, r->source.n, n_target, true);
    r->batch = rows < ROWS_WORTHWHILE ? ROWS_WORTHWHILE / rows : 1;
    while (r->batch > 1 && r->batch * bytes > in->memory_budget)
        r->batch--;
    r->batch = r->path->n < r->batch ? r->path->n : r->batch;
    size_t columns = COLUMNS_WORTHWHILE, widest = (size_t)(r->batch > 2 ? r->batch : 2);
    if (r->path->from_baseline) {
        r->points[0] = malloc(widest * (size_t)(r->source.n * r->width + 1) * sizeof(float));
        r->points[1] = malloc(widest * (size_t)(n_target * r->width) * sizeof(float));
    }
    if (r->source.n)
        r->source.sums = malloc(columns * (size_t)(r->source.n * r->width) * sizeof(float));
    if (r->target.moves)
        r->target.sums = malloc(columns * (size_t)(n_target * r->width) * sizeof(float));
    bool good = (!r->path->from_baseline || (r->points[0] && r->points[1])) && (!r->source.n || r->source.sums) && (!r->target.moves || r->target.sums);
    if (!good)
        return no_memory(e);
    engine_shaped(&r->engine);
    return r->path->n <= r->batch ? forward_points(r, 0, r->path->n, n_target, true, &r->kept, e) : ERR_OK;
}

static void close_run(struct run *r) {
    struct side *sides[2] = {&r->source, &r->target};
    for (int i = 0; i < 2; i++) {
        free(sides[i]->x);
        free(sides[i]->baseline);
        free(sides[i]->sums);
        free(r->points[i]);
    }
    if (r->kept)
        r->engine.in->ops->forward_free(r->kept);
    engine_close(&r->engine);
}

enum err_code path_gradient_run(struct attribution_sequence *out, const struct method_input *in, const struct path *path, path_finish finish, bool deltas,
                                const struct run_ctl *ctl, struct err *e) {
    struct run r = {.path = path, .finish = finish, .width = in->config->n_width, .n_vocab = in->config->n_vocab};
    out->class = ATTRIBUTION_GRANULAR;
    enum err_code code = engine_open(&r.engine, out, in, ctl, e);
    if (code == ERR_OK && deltas && !(r.deltas = attribution_add_step_scores(out, "deltas")))
        code = no_memory(e);
    if (code == ERR_OK)
        code = open_run(&r, e);
    for (int64_t c = 0; c < r.engine.n_steps && code == ERR_OK;) {
        int64_t n = most_columns(&r, c);
        code = run_chunk(&r, c, &n, e);
        c += n;
        if (code == ERR_OK && run_cancelled(ctl) && c < r.engine.n_steps)
            code = err_set(e, ERR_CANCELLED, "the attribution was cancelled");
    }
    close_run(&r);
    return code;
}

void path_gradient_cost(struct cost *c, const struct cost_input *in, int64_t n_points, bool from_baseline, bool deltas) {
    double chunks = ceil((double)in->n_steps / COLUMNS_WORTHWHILE), batch = cost_batch(in, (double)n_points, true);
    bool kept = (double)n_points <= batch; /* one forward serves every chunk */
    double chunk = in->n_steps < COLUMNS_WORTHWHILE ? (double)in->n_steps : COLUMNS_WORTHWHILE;
    cost_forwards(c, in, kept ? (double)n_points : (double)n_points * chunks, 0);
    cost_gradients(c, in, (double)n_points);
    if (from_baseline)
        cost_forwards(c, in, (deltas ? 2 : 1) * chunks, (deltas ? 2 : 1) * (double)in->n_steps);
    cost_forward_bytes(c, in, batch, true);
    cost_gradient_bytes(c, in, batch * chunk);
    cost_result_bytes(c, in, in->config->n_width);
    c->bytes += (double)sizeof(float) * (double)((in->n_source + in->n_target) * in->config->n_width) * (chunk + 2 * batch);
}
