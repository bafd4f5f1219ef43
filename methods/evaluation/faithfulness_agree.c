/* How far methods agree. Krishna et al. 2022, "The disagreement problem in
 * explainable machine learning", section 4. */
#include "methods/evaluation/faithfulness.h"

#include "backend/base/mem.h"
#include "methods/statistics/ranks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Scores of column g that both have: returns how many. */
static size_t take_pairs(double *a, double *b, const struct attribution_sequence *x,
                         const struct attribution_sequence *y, int64_t g) {
    const struct scores *sides[2][2] = {{&x->source_attributions, &y->source_attributions},
                                        {&x->target_attributions, &y->target_attributions}};
    size_t n = 0;
    for (int side = 0; side < 2; side++) {
        const struct scores *p = sides[side][0], *q = sides[side][1];
        for (int64_t row = 0; p->data && q->data && row < p->dims[0] && row < q->dims[0]; row++) {
            float u = p->data[row * p->dims[1] + g], v = q->data[row * q->dims[1] + g];
            if (isnan(u) || isnan(v))
                continue;
            a[n] = u;
            b[n++] = v;
        }
    }
    return n;
}

static bool any_negative(const struct attribution_sequence *s) {
    const struct scores *sides[2] = {&s->source_attributions, &s->target_attributions};
    for (int side = 0; side < 2; side++)
        for (int64_t i = 0; i < scores_count(sides[side]); i++)
            if (sides[side]->data[i] < 0)
                return true;
    return false;
}

/* Of the k largest by magnitude: how many both have, and how many with the same sign, as shares of
 * k. */
static void compare_top(double *overlap, double *sign, const double *a, const double *b, size_t n,
                        size_t k) {
    double *magnitudes = mem_alloc(n * sizeof *magnitudes);
    int64_t *of_a = mem_alloc(n * sizeof *of_a), *of_b = mem_alloc(n * sizeof *of_b);
    size_t both = 0, same = 0;
    for (size_t i = 0; i < n; i++)
        magnitudes[i] = fabs(a[i]);
    rank_order(of_a, magnitudes, (int64_t)n);
    for (size_t i = 0; i < n; i++)
        magnitudes[i] = fabs(b[i]);
    rank_order(of_b, magnitudes, (int64_t)n);
    k = k < n ? k : n;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            if (of_a[i] == of_b[j]) {
                both++;
                same += (a[of_a[i]] < 0) == (b[of_b[j]] < 0);
            }
    *overlap = k ? (double)both / (double)k : NAN;
    *sign = k ? (double)same / (double)k : NAN;
    free(magnitudes);
    free(of_a);
    free(of_b);
}

/* Mean of those that are numbers. */
struct mean {
    double sum;
    int64_t n;
};
static void add(struct mean *m, double x) {
    if (!isnan(x)) {
        m->sum += x;
        m->n++;
    }
}
static double value(const struct mean *m) {
    return m->n ? m->sum / (double)m->n : NAN;
}

static struct faithfulness_agreement agree(const struct faithfulness *f,
                                           const struct attribution_sequence *x,
                                           const struct attribution_sequence *y) {
    struct mean spearman = {0}, overlap = {0}, sign = {0};
    int64_t rows = x->source_attributions.data ? x->source_attributions.dims[0] : 0;
    rows += x->target_attributions.data ? x->target_attributions.dims[0] : 0;
    double *a = mem_alloc((size_t)rows * sizeof *a), *b = mem_alloc((size_t)rows * sizeof *b);
    bool signs = any_negative(x) && any_negative(y);
    for (int64_t g = 0; g < f->n_columns; g++) {
        double both, same;
        size_t n = take_pairs(a, b, x, y, g);
        compare_top(&both, &same, a, b, n, (size_t)f->spec.n_top);
        add(&spearman, rank_spearman(a, b, n));
        add(&overlap, both);
        if (signs)
            add(&sign, same);
    }
    free(a);
    free(b);
    return (struct faithfulness_agreement){value(&spearman), value(&overlap), value(&sign)};
}

void faithfulness_agree(struct faithfulness *f, const struct attribution_sequence *scores) {
    for (size_t i = 0; i < f->n_methods; i++)
        for (size_t k = i; k < f->n_methods; k++)
            f->agreement[i * f->n_methods + k] = f->agreement[k * f->n_methods + i] =
                agree(f, &scores[i], &scores[k]);
}

void faithfulness_average(struct faithfulness *f) {
    const size_t n_numbers = sizeof(struct faithfulness_numbers) / sizeof(double);
    for (size_t i = 0; i < f->n_methods + f->has_random; i++)
        for (size_t k = 0; k < n_numbers; k++) {
            struct mean m = {0};
            for (int64_t g = 0; g < f->n_columns; g++)
                add(&m, ((const double *)&f->methods[i].columns[g].numbers)[k]);
            ((double *)&f->methods[i].mean)[k] = value(&m);
        }
}
