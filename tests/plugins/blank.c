/* An example of tinseq-method.h, built and used by the tests: how much the attributed function
 * changes when a token is replaced by one that stands for absence. Occlusion, as Zeiler and Fergus
 * 2014 have it; its sign is kept on request. */
#include "methods/own/tinseq-method.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One input a row: all rows as they are, but this one. */
static void replace_each(float *inputs, const struct tinseq_method_side *s, const float *absent,
                         int64_t width) {
    const size_t row = (size_t)width, all = (size_t)s->n_rows * row;
    for (size_t r = 0; r < (size_t)s->n_rows; r++) {
        memcpy(inputs + r * all, s->x, all * sizeof *inputs);
        memcpy(inputs + r * all + r * row, absent + r * row, row * sizeof *inputs);
    }
}

static void write_scores(const struct tinseq_method_run *run, const struct tinseq_method_side *s,
                         const double *clean, const double *changed) {
    for (int64_t i = 0; i < s->n_rows * run->n_columns; i++) {
        const double change = clean[i % run->n_columns] - changed[i];
        s->scores[i] = (float)(run->arguments[0] != 0 ? change : fabs(change));
    }
}

static const char *values_of_side(const struct tinseq_method_run *run, int source, int64_t n,
                                  const float *inputs, double *out) {
    if (source)
        return run->values(run, n, inputs, NULL, out);
    return run->values(run, n, NULL, inputs, out);
}

static const char *run_side(const struct tinseq_method_run *run, int source, const double *clean) {
    const struct tinseq_method_side *s = source ? &run->source : &run->target;
    const size_t rows = (size_t)s->n_rows, width = (size_t)run->n_width;
    if (!s->scores || rows == 0)
        return NULL;
    int32_t *ids = malloc(rows * sizeof *ids);
    float *absent = malloc(rows * width * sizeof *absent),
          *inputs = malloc(rows * rows * width * sizeof *inputs);
    double *changed = malloc(rows * (size_t)run->n_columns * sizeof *changed);
    const char *wrong = NULL;
    if (!ids || !absent || !inputs || !changed)
        wrong = "out of memory";
    if (!wrong)
        wrong = run->baseline(run, source, ids);
    if (!wrong)
        wrong = run->embed(run, source, ids, s->n_rows, absent);
    if (!wrong) {
        replace_each(inputs, s, absent, run->n_width);
        wrong = values_of_side(run, source, s->n_rows, inputs, changed);
    }
    if (!wrong)
        write_scores(run, s, clean, changed);
    free(ids);
    free(absent);
    free(inputs);
    free(changed);
    if (wrong)
        return wrong;
    return run->progress(run, source ? 0.5 : 1);
}

static const char *run(const struct tinseq_method_run *run) {
    double *clean = malloc((size_t)run->n_columns * sizeof *clean);
    const char *wrong = clean ? run->values(run, 1, NULL, NULL, clean) : "out of memory";
    if (!wrong)
        wrong = run_side(run, 1, clean);
    if (!wrong)
        wrong = run_side(run, 0, clean);
    free(clean);
    return wrong;
}

static const struct tinseq_method_option options[] = {
    {"with_sign", 0, 0, 1, "1 keeps the sign of the change."}};

const struct tinseq_method tinseq_method = {
    .abi = TINSEQ_METHOD_ABI,
    .size = sizeof(struct tinseq_method),
    .name = "blank",
    .title = "Blank",
    .summary = "How much the attributed function changes when a token is replaced by the unknown "
               "one.",
    .paper = "Zeiler and Fergus 2014, Visualizing and understanding convolutional networks",
    .options = options,
    .n_options = 1,
    .run = run,
};
