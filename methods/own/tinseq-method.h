/*
 * An attribution method of your own, for Tinseq. Build a shared object that exports one `const
 * struct tinseq_method tinseq_method` and load it by
 *
 *   cc -shared -fPIC -O2 -o blank.so blank.c
 *   tinseq attribute -m MODEL -i TEXT --own_method ./blank.so -a blank
 *
 * It asks for the attributed function at inputs of its own making, and for gradients there, and
 * fills in scores. It runs in one thread at a time, but keeps no state between runs. Examples in
 * Tinseq's tests/plugins: blank.c (other tokens, as occlusion does) and straight.c (gradients along
 * a path, as integrated gradients does).
 */
#ifndef TINSEQ_METHOD_H
#define TINSEQ_METHOD_H

#include <stddef.h>
#include <stdint.h>

/* A library built for another version is refused. */
#define TINSEQ_METHOD_ABI 1

/* The source of an encoder-decoder model, or the target: a prompt and its text, or a decoder's
 * start and its text. */
struct tinseq_method_side {
    const int32_t *ids; /* [n_rows] */
    int64_t n_rows;     /* 0: there is no such side. Of the target: all that some column sees */
    const float *x;     /* [n_rows, n_width] embeddings of the input */
    /* [n_rows, n_columns], or [n_rows, n_columns, n_width] where the method says per_width; all NaN
     * when it is called. NULL: the side is not attributed. What a column cannot see (target rows
     * from start + column on) is NaN again afterwards, and a number that is infinite too. */
    float *scores;
};

/* One text. Column c explains the target's token start + c, by the attributed function of what the
 * model says after those before it. Whatever returns a text says with it that it failed: return the
 * text at once. */
struct tinseq_method_run {
    struct tinseq_method_side source, target;
    int64_t start, n_columns, n_width;
    const double *arguments; /* [n_options] in their order */

    /* The attributed function of all columns at n inputs: source [n, source.n_rows, n_width] and
     * target [n, target.n_rows, n_width] are embeddings, either NULL for the side as it is; out
     * [n, n_columns]. Any n: they go through the model in batches. */
    const char *(*values)(const struct tinseq_method_run *run, int64_t n, const float *source,
                          const float *target, double *out);
    /* The attributed function of one column at each of n inputs, columns [n], and its derivative
     * with respect to their embeddings; inputs as above. values [n], d_source and d_target shaped
     * as the inputs; each may be NULL, and d_ of a side without scores is. */
    const char *(*gradients)(const struct tinseq_method_run *run, int64_t n, const int64_t *columns,
                             const float *source, const float *target, double *values,
                             float *d_source, float *d_target);
    /* Embeddings of other tokens in a side's place (source: not 0 for the source), out [n,
     * n_width]; row r has the position of ids[r]'s place r. */
    const char *(*embed)(const struct tinseq_method_run *run, int source, const int32_t *ids,
                         int64_t n, float *out);
    /* The tokens that stand for absence, ids [n_rows]: the unknown token, but for the end and a
     * decoder's start, as Tinseq's own methods have it. */
    const char *(*baseline)(const struct tinseq_method_run *run, int source, int32_t *ids);
    /* Tells how much is done, 0 to 1; fails where the run was cancelled. */
    const char *(*progress)(const struct tinseq_method_run *run, double share);
    void *engine; /* Tinseq's own */
};

/* A number that a person may set in --attribution_kwargs: '{"points": 20}'. */
struct tinseq_method_option {
    const char *name;
    double default_value, minimum, maximum;
    const char *help;
};

struct tinseq_method {
    uint32_t abi;     /* TINSEQ_METHOD_ABI */
    uint32_t size;    /* sizeof(struct tinseq_method) */
    const char *name; /* letters, digits and "_"; what -a takes. No name that Tinseq has already */
    const char *title, *summary, *paper; /* for people; NULL: none */
    int per_width;                       /* not 0: one score an entry of an embedding */
    int gradients; /* not 0: it calls gradients, and needs a model that has them */
    int linear;    /* not 0: a span's scores are the sum of its columns' (--span) */
    const struct tinseq_method_option *options;
    size_t n_options; /* 16 at most */
    /* How many inputs it asks for, of all columns together where it calls values, of each where it
     * calls gradients: what a run is said to cost beforehand. NULL: one a row. */
    double (*inputs)(int64_t n_source, int64_t n_target, int64_t n_columns,
                     const double *arguments);
    /* Fills in the scores. Returns NULL, or for a person what went wrong, a text that stays. */
    const char *(*run)(const struct tinseq_method_run *run);
};

#endif
