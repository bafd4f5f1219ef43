/* From an evaluation to what is kept and drawn of one method: means over columns, and whether it is
 * better than chance.
 *
 * A column's random orders have the variance v_c of their own; the mean over N columns of one order
 * drawn at random has V = Σ v_c / N². The method's difference from the mean of R random orders is
 * due to chance with 95 % while it lies within ± t · sqrt(V (1 + 1/R)), the prediction interval of
 * one more random order, with Satterthwaite's degrees of freedom (Σ v_c)² / (Σ v_c² / (R − 1)).
 * It speaks of this text and these columns alone. */
#include "methods/evaluation/faithfulness.h"

#include "backend/base/mem.h"
#include "methods/statistics/student.h"

#include <math.h>
#include <stddef.h>

/* Less than this part of the values is a matter of rounding in batches. */
#define ROUNDING 1e-5

/* Means over columns, and the variance of one. */
struct average {
    double value, random, variance, squares, largest;
    int64_t n;
};

static void add(struct average *a, double value, double random, double variance) {
    if (isnan(value))
        return;
    a->value += value;
    a->random += random;
    a->variance += variance;
    a->squares += variance * variance;
    a->largest = fmax(a->largest, fmax(fabs(value), fabs(random)));
    a->n++;
}

static enum curves_verdict verdict_of(double low, double high, bool higher_is_better,
                                      double small) {
    if (isnan(low) || isnan(high))
        return CURVES_UNKNOWN;
    if (low <= small && high >= -small)
        return CURVES_EVEN;
    return (low > 0) == higher_is_better ? CURVES_BETTER : CURVES_WORSE;
}

static struct curves_measure measure_of(const struct average *a, int64_t n_random,
                                        bool higher_is_better) {
    const double n = (double)a->n, value = a->value / n, random = a->random / n,
                 freedom = a->variance > 0
                               ? a->variance * a->variance * (double)(n_random - 1) / a->squares
                               : 1,
                 half = student_quantile(freedom) *
                        sqrt(a->variance / (n * n) * (1 + 1 / (double)n_random)),
                 low = value - random - half, high = value - random + half;
    return (struct curves_measure){
        .value = value,
        .random = random,
        .low = low,
        .high = high,
        .verdict = verdict_of(low, high, higher_is_better, ROUNDING * a->largest)};
}

/* --- curves --- */

/* Of a curve that is read backwards: what is left by then is taken away. */
struct line {
    size_t offset, spread; /* of struct faithfulness_column, _spread */
    bool backwards;
};

static double at(const void *of, size_t offset, int64_t i) {
    return (*(double *const *)((const char *)of + offset))[i];
}

/* Point i of both curves, and how far random orders lie from theirs. */
static void put_point(struct curves_measure *out, int64_t i, const struct faithfulness *f,
                      size_t i_method, const struct line *line) {
    const int64_t k = line->backwards ? f->spec.n_points - i : i;
    struct average a = {0};
    for (int64_t g = 0; g < f->n_columns; g++) {
        const struct faithfulness_method *m = &f->methods[i_method],
                                         *random = &f->methods[f->n_methods];
        add(&a, at(&m->columns[g], line->offset, k),
            f->has_random ? at(&random->columns[g], line->offset, k) : NAN,
            at(&f->spread[g], line->spread, k));
    }
    const double n = (double)a.n;
    out->curve[i] = a.value / n;
    out->mean[i] = a.random / n;
    out->deviation[i] = sqrt(a.variance) / n;
}

static void put_line(struct curves_measure *out, const struct faithfulness *f, size_t i_method,
                     struct line line) {
    const size_t n = (size_t)f->spec.n_points + 1;
    out->curve = mem_alloc(n * sizeof *out->curve);
    out->mean = mem_alloc(n * sizeof *out->mean);
    out->deviation = mem_alloc(n * sizeof *out->deviation);
    for (size_t i = 0; i < n; i++)
        put_point(out, (int64_t)i, f, i_method, &line);
}

struct curves faithfulness_method_curves(const struct faithfulness *f, size_t i,
                                         const char *function) {
    const int64_t n_random = f->spec.n_random;
    struct average compreh = {0}, suffic = {0}, both = {0};
    for (int64_t g = 0; g < f->n_columns; g++) {
        const struct faithfulness_numbers none = {.comprehensiveness = NAN, .sufficiency = NAN},
                                          *own = &f->methods[i].columns[g].numbers,
                                          *random =
                                              f->has_random
                                                  ? &f->methods[f->n_methods].columns[g].numbers
                                                  : &none;
        const struct faithfulness_spread *v = &f->spread[g];
        add(&compreh, own->comprehensiveness, random->comprehensiveness, v->comprehensiveness);
        add(&suffic, own->sufficiency, random->sufficiency, v->sufficiency);
        add(&both, own->comprehensiveness - own->sufficiency,
            random->comprehensiveness - random->sufficiency, v->both);
    }
    both.largest = fmax(compreh.largest, suffic.largest);
    struct curves c = {.method = mem_text(f->methods[i].name),
                       .function = mem_text(function),
                       .n_columns = both.n,
                       .n_random = n_random,
                       .n = (size_t)f->spec.n_points + 1,
                       .overall = measure_of(&both, n_random, true),
                       .comprehensiveness = measure_of(&compreh, n_random, true),
                       .sufficiency = measure_of(&suffic, n_random, false)};
    put_line(&c.comprehensiveness, f, i,
             (struct line){offsetof(struct faithfulness_column, deletion),
                           offsetof(struct faithfulness_spread, deletion), false});
    put_line(&c.sufficiency, f, i,
             (struct line){offsetof(struct faithfulness_column, insertion),
                           offsetof(struct faithfulness_spread, insertion), true});
    return c;
}
