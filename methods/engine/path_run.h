/* What the loops over columns (path_gradient.c) and one batch of points (path_batch.c) share. */
#ifndef TINSEQ_METHODS_PATH_RUN_H
#define TINSEQ_METHODS_PATH_RUN_H

#include "methods/engine/path.h"

/* Columns a chunk holds at most: larger ones are hardly faster and are seen later. */
#define PATH_CHUNK 10

struct path_run {
    struct method_run engine;
    struct path path;
    path_finish finish;
    int64_t width, n_row; /* n_row: numbers in a row of logits (method_row) */
    /* by enum model_stack; the source has no rows in decoder-only models */
    struct path_side sides[2];
    float *sums[2]; /* [PATH_CHUNK, n, E] of what is attributed; NULL where a side is not */
    float *points[2], *step;    /* [batch, n, E] embeddings; [n, E]; scratch */
    int64_t n_points;           /* path.n, or of every row that moves alone: the source's first */
    int64_t batch;              /* points in one forward */
    struct forward *kept;       /* the forward of all points, when they fit; at full length */
    bool score_here;            /* the points are the input: their logits yield the step scores */
    bool both_ends;             /* f is wanted at the input and at the baseline */
    int64_t deltas, gap, steps; /* where these step scores are; −1: not asked for */
};

/* Columns of one chunk, ascending, and the rows of the target that they need. */
struct path_chunk {
    int64_t columns[PATH_CHUNK], n, n_target;
};

enum err_code path_no_memory(struct err *e);

/* --- what other loops over points use too (guided_integrated_gradients.c) --- */

/* Step scores, shape, ends of the path, sums. Close after errors too. */
enum err_code path_run_open(struct path_run *r, struct attribution_sequence *out,
                            const struct method_input *in, const struct path *path,
                            path_finish finish, bool deltas, const struct run_ctl *ctl,
                            struct err *e) ERR_CHECKED;
void path_run_close(struct path_run *r);
/* The next chunk of columns: the first alone when someone watches. */
struct path_chunk path_next_chunk(const struct path_run *r, const int64_t *columns, int64_t n);
/* f at the input and, where asked for, at the baseline; and the input's own step scores. difference
 * [n], size [n]: |f(x)| + |f(x′)|. */
enum err_code path_end_values(struct path_run *r, const struct path_chunk *chunk,
                              double *difference, double *size, struct err *e) ERR_CHECKED;
/* Writes a chunk's columns; those that converged well enough are published, the others moved to the
 * front of `pending`, of which *n_pending are there already. */
void path_finish_columns(struct path_run *r, const struct path_chunk *chunk,
                         const double *difference, const double *size, int64_t *pending,
                         int64_t *n_pending);

/* --- one batch of points (path_batch.c) --- */

/* A forward of points [from, from + n): a range of path_batch_points. */
enum err_code path_forward(struct path_run *r, int64_t from, int64_t n, int64_t n_target,
                           bool keep_gradient, struct forward **out, struct err *e) ERR_CHECKED;
/* How many points from `from` on go into one forward, below `end`. */
int64_t path_batch_points(const struct path_run *r, int64_t from, int64_t end);
/* The points that a chunk's columns can see: [0, n); no fewer than its first batch for fewer
 * columns. */
int64_t path_seen_points(const struct path_run *r, const struct path_chunk *chunk);
/* The contrast's own run at these points, where it follows them (engine_contrast_moves); else *out
 * is NULL. */
enum err_code path_contrast_forward(struct path_run *r, int64_t from, int64_t n,
                                    const struct path_chunk *chunk, bool keep_gradient,
                                    struct forward **out, struct err *e) ERR_CHECKED;
/* Adds to the sums of a chunk's columns what these points contribute: logits, derivatives, one
 * batched backward. */
enum err_code path_backward(struct path_run *r, struct forward *f, int64_t from, int64_t n,
                            const struct path_chunk *chunk, struct err *e) ERR_CHECKED;
/* How many of a chunk's columns a backward of n points can take within the budget, at least 1. */
int64_t path_fitting_columns(const struct path_run *r, const struct forward *f, int64_t n,
                             const struct path_chunk *chunk);

#endif
