#include "methods/evaluation/plausibility.h"

#include "backend/base/mem.h"
#include "methods/statistics/ranks.h"

#include <math.h>
#include <stdlib.h>

static const struct plausibility_numbers none = {NAN, NAN, NAN, NAN, NAN, NAN};

static size_t count(const bool *flags, size_t n) {
    size_t out = 0;
    for (size_t i = 0; i < n; i++)
        out += flags[i];
    return out;
}

static bool are_equal(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

/* Equal scores are one point of the curve. */
static void areas(struct plausibility_numbers *out, const double *scores, const bool *marked,
                  const int64_t *order, size_t n) {
    const double all = (double)count(marked, n);
    double recall = 0, precision = 1, trapezoids = 0, steps = 0, hits = 0;
    for (size_t i = 0; i < n; i++) {
        hits += marked[order[i]];
        if (i + 1 < n && are_equal(scores[order[i]], scores[order[i + 1]]))
            continue;
        const double next_recall = hits / all, next = hits / (double)(i + 1);
        trapezoids += (next_recall - recall) * (next + precision) / 2;
        steps += (next_recall - recall) * next;
        recall = next_recall;
        precision = next;
    }
    out->auprc = trapezoids;
    out->average_precision = steps;
}

/* How many of an order's first are chosen. */
static size_t n_chosen(const double *scores, const bool *marked, const int64_t *order, size_t n,
                       double threshold) {
    size_t k = 0;
    if (isnan(threshold))
        return count(marked, n);
    const double highest = scores[order[0]];
    while (highest > 0 && k < n && scores[order[k]] >= threshold * highest)
        k++;
    return k;
}

static double ratio(double a, double b) {
    return b > 0 ? a / b : 0;
}

struct plausibility_numbers plausibility_of(const double *scores, const bool *marked, size_t n,
                                            double threshold) {
    struct plausibility_numbers out = none;
    int64_t *order = mem_alloc((n + 1) * sizeof *order);
    double hits = 0;
    rank_order(order, scores, (int64_t)n);
    if (!n || isnan(scores[order[0]]))
        goto out;
    areas(&out, scores, marked, order, n);
    const size_t k = n_chosen(scores, marked, order, n, threshold);
    const double all = (double)count(marked, n);
    for (size_t i = 0; i < k; i++)
        hits += marked[order[i]];
    out.precision = ratio(hits, (double)k);
    out.recall = ratio(hits, all);
    out.f1 = ratio(2 * hits, (double)k + all);
    out.iou = ratio(hits, (double)k + all - hits);
out:
    free(order);
    return out;
}

/* --- a text's columns -------------------------------------------------------------------- */

/* The scores of a column that are held against the marks. */
struct column {
    double *scores;
    bool *marked;
    size_t n;
};

static const struct scores *side_of(const struct attribution_sequence *s,
                                    const struct rationale *r) {
    return r->target ? &s->target_attributions : &s->source_attributions;
}

/* Those of the rows that the column sees. */
static void take_rows(struct column *c, const struct attribution_sequence *s,
                      const struct rationale *r, int64_t g) {
    const struct scores *from = side_of(s, r);
    for (size_t i = 0; i < r->n_rows; i++) {
        const int64_t row = (int64_t)(r->first + i);
        if (!r->counted[i] || !attribution_sees(s, r->target, row, g))
            continue;
        c->scores[c->n] = (double)from->data[row * from->dims[1] + g];
        c->marked[c->n++] = r->marked[i];
    }
}

/* A column that sees nothing that is marked has no numbers. */
static struct plausibility_numbers measure_column(const struct attribution_sequence *s,
                                                  const struct rationale *r, int64_t g,
                                                  double threshold) {
    const size_t most = r->n_counted + (r->output ? r->output->n_counted : 0) + 1;
    struct column c = {mem_alloc(most * sizeof *c.scores), mem_alloc(most * sizeof *c.marked), 0};
    struct plausibility_numbers out = none;
    take_rows(&c, s, r, g);
    if (r->output)
        take_rows(&c, s, r->output, g);
    if (count(c.marked, c.n))
        out = plausibility_of(c.scores, c.marked, c.n, threshold);
    free(c.scores);
    free(c.marked);
    return out;
}

static struct plausibility_numbers mean_of(const struct plausibility *p) {
    struct plausibility_numbers sum = {0};
    double n = 0;
    for (int64_t g = 0; g < p->n_columns; g++) {
        const struct plausibility_numbers *x = &p->columns[g];
        if (isnan(x->f1))
            continue;
        n++;
        sum = (struct plausibility_numbers){sum.auprc + x->auprc,
                                            sum.average_precision + x->average_precision,
                                            sum.precision + x->precision,
                                            sum.recall + x->recall,
                                            sum.f1 + x->f1,
                                            sum.iou + x->iou};
    }
    return n == 0 ? none
                  : (struct plausibility_numbers){sum.auprc / n,     sum.average_precision / n,
                                                  sum.precision / n, sum.recall / n,
                                                  sum.f1 / n,        sum.iou / n};
}

/* One score for each row and column. */
static bool has_rows(const struct attribution_sequence *s, const struct rationale *r) {
    const struct scores *scores = side_of(s, r);
    return scores->data && scores->n_dims == 2 &&
           scores->dims[0] >= (int64_t)(r->first + r->n_rows);
}

enum err_code plausibility_measure(struct plausibility *out, const struct attribution_sequence *s,
                                   const struct rationale *r, double threshold, struct err *e) {
    *out = (struct plausibility){.mean = none};
    if (!has_rows(s, r) || (r->output && !has_rows(s, r->output)))
        return err_set(e, ERR_FORMAT,
                       "the result has not one score for each token of the input that can be "
                       "held against the rationale");
    out->n_columns = side_of(s, r)->dims[1];
    out->columns = mem_alloc((size_t)(out->n_columns + 1) * sizeof *out->columns);
    for (int64_t g = 0; g < out->n_columns; g++)
        out->columns[g] = attribution_done(s, g) ? measure_column(s, r, g, threshold) : none;
    out->mean = mean_of(out);
    return ERR_OK;
}

void plausibility_dispose(struct plausibility *p) {
    free(p->columns);
    p->columns = NULL;
}
