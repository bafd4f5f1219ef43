/* An example of tinseq-method.h, built and used by the tests: gradients along the straight line
 * from the baseline to the input, times their difference. Integrated gradients, as Sundararajan et
 * al. 2017 have it, by the middle of each piece of the line. */
#include "methods/own/tinseq-method.h"

#include <stdlib.h>
#include <string.h>

/* A side of the input, its baseline, the point between them, and the gradient there. */
struct line {
    const struct tinseq_method_side *side;
    size_t n;
    int32_t *ids;
    float *baseline, *point, *gradient;
};

static const char *open_line(struct line *l, const struct tinseq_method_run *run, int source) {
    *l = (struct line){.side = source ? &run->source : &run->target};
    const size_t rows = (size_t)l->side->n_rows;
    l->n = rows * (size_t)run->n_width;
    if (!l->side->scores || rows == 0)
        return NULL;
    l->ids = malloc(rows * sizeof *l->ids);
    l->baseline = malloc(l->n * sizeof *l->baseline);
    l->point = malloc(l->n * sizeof *l->point);
    l->gradient = malloc(l->n * sizeof *l->gradient);
    if (!l->ids || !l->baseline || !l->point || !l->gradient)
        return "out of memory";
    const char *wrong = run->baseline(run, source, l->ids);
    return wrong ? wrong : run->embed(run, source, l->ids, l->side->n_rows, l->baseline);
}

static void close_line(struct line *l) {
    free(l->ids);
    free(l->baseline);
    free(l->point);
    free(l->gradient);
}

static void go_to(struct line *l, double share) {
    for (size_t i = 0; i < l->n && l->point; i++)
        l->point[i] = (float)(l->baseline[i] + share * ((double)l->side->x[i] - l->baseline[i]));
}

/* Adds a piece's part to column c; scores are [rows, columns, width]. */
static void add_piece(struct line *l, const struct tinseq_method_run *run, int64_t c,
                      double weight) {
    const size_t width = (size_t)run->n_width;
    for (size_t i = 0; i < l->n && l->point; i++) {
        const size_t row = i / width, k = i % width;
        float *to = &l->side->scores[(row * (size_t)run->n_columns + (size_t)c) * width + k];
        *to += (float)(weight * l->gradient[i] * ((double)l->side->x[i] - l->baseline[i]));
    }
}

static void zero(struct line *l, const struct tinseq_method_run *run) {
    for (size_t i = 0; i < l->n * (size_t)run->n_columns && l->point; i++)
        l->side->scores[i] = 0;
}

static const char *walk(struct line lines[2], const struct tinseq_method_run *run) {
    const int64_t points = (int64_t)run->arguments[0];
    const char *wrong = NULL;
    for (int64_t i = 0; i < points * run->n_columns && !wrong; i++) {
        const int64_t c = i % run->n_columns;
        const double share = ((double)(i / run->n_columns) + 0.5) / (double)points;
        go_to(&lines[0], share);
        go_to(&lines[1], share);
        wrong = run->gradients(run, 1, &c, lines[0].point, lines[1].point, NULL, lines[0].gradient,
                               lines[1].gradient);
        if (wrong)
            break;
        add_piece(&lines[0], run, c, 1 / (double)points);
        add_piece(&lines[1], run, c, 1 / (double)points);
        wrong = run->progress(run, (double)(i + 1) / (double)(points * run->n_columns));
    }
    return wrong;
}

static const char *run(const struct tinseq_method_run *run) {
    struct line lines[2];
    const char *source = open_line(&lines[0], run, 1), *target = open_line(&lines[1], run, 0),
               *wrong = source ? source : target;
    if (!wrong) {
        zero(&lines[0], run);
        zero(&lines[1], run);
        wrong = walk(lines, run);
    }
    close_line(&lines[0]);
    close_line(&lines[1]);
    return wrong;
}

static double inputs(int64_t n_source, int64_t n_target, int64_t n_columns,
                     const double *arguments) {
    (void)n_source, (void)n_target, (void)n_columns;
    return arguments[0];
}

static const struct tinseq_method_option options[] = {
    {"points", 20, 1, 1000, "Points along the line."}};

const struct tinseq_method tinseq_method = {
    .abi = TINSEQ_METHOD_ABI,
    .size = sizeof(struct tinseq_method),
    .name = "straight",
    .title = "Straight line",
    .summary = "Gradients along the straight line from the baseline to the input, times their "
               "difference.",
    .paper = "Sundararajan et al. 2017, Axiomatic attribution for deep networks",
    .per_width = 1,
    .gradients = 1,
    .linear = 1,
    .options = options,
    .n_options = 1,
    .inputs = inputs,
    .run = run,
};
