#include "methods/evaluation/order_numbers.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of tokens, from those of the curve and the parts. */
int64_t order_k_of_point(const struct faithfulness_spec *s, int64_t i, int64_t m) {
    return (2 * i * m + s->n_points) / (2 * s->n_points);
}

int64_t order_k_of_part(const struct faithfulness_spec *s, size_t i, int64_t m) {
    double k = s->counts ? s->parts[i] : ceil(s->parts[i] / 100 * (double)m - 1e-9);
    return k > (double)m ? m : (int64_t)fmax(k, 0);
}

/* f when the first k of order i are taken away (inserted: all but them). */
static double value_at(const struct order_values *v, size_t i, int64_t k, bool inserted) {
    if (k == 0 || k == v->m)
        return v->values[(k == v->m) != inserted];
    for (int64_t at = 0; at < v->n_ks; at++)
        if (v->ks[at] == k)
            return v->values[2 + ((int64_t)i * v->n_ks + at) * 2 + inserted];
    return NAN;
}

/* Of the curve's own points: what is asked for beside them must not move it. */
static double area(const struct order_values *v, size_t i, bool inserted) {
    const struct faithfulness_spec *s = v->spec;
    double sum = 0, before = value_at(v, i, 0, inserted);
    int64_t last = 0;
    for (int64_t point = 1; point <= s->n_points; point++) {
        const int64_t k = order_k_of_point(s, point, v->m);
        const double now = value_at(v, i, k, inserted);
        sum += (now + before) / 2 * (double)(k - last) / (double)v->m;
        last = k;
        before = now;
    }
    return sum;
}

/* The numbers of tokens of the parts, each once: of few tokens, several parts are the same. */
static size_t distinct_parts(int64_t *out, const struct faithfulness_spec *s, int64_t m) {
    size_t n = 0;
    for (size_t p = 0; p < s->n_parts; p++) {
        const int64_t k = order_k_of_part(s, p, m);
        size_t i = 0;
        while (i < n && out[i] != k)
            i++;
        out[i] = k;
        n += i == n;
    }
    return n;
}

/* Adds order i's share of `weight` to a column that starts from zeros. */
static void add_order(struct faithfulness_column *out, const struct order_values *v, size_t i,
                      double weight) {
    const struct faithfulness_spec *s = v->spec;
    int64_t parts[FAITHFULNESS_MAX_PARTS];
    const size_t n_parts = distinct_parts(parts, s, v->m);
    for (int64_t k = 0; k <= s->n_points; k++) {
        out->deletion[k] += weight * value_at(v, i, order_k_of_point(s, k, v->m), false);
        out->insertion[k] += weight * value_at(v, i, order_k_of_point(s, k, v->m), true);
    }
    out->numbers.deletion += weight * area(v, i, false);
    out->numbers.insertion += weight * area(v, i, true);
    for (size_t p = 0; p < n_parts; p++) {
        const double share = weight / (double)n_parts;
        out->numbers.comprehensiveness += share * (v->values[0] - value_at(v, i, parts[p], false));
        out->numbers.sufficiency += share * (v->values[0] - value_at(v, i, parts[p], true));
    }
}

static void clear_column(const struct faithfulness_spec *s, struct faithfulness_column *c) {
    double none = s->n_parts ? 0 : NAN;
    memset(c->deletion, 0, (size_t)(s->n_points + 1) * sizeof *c->deletion);
    memset(c->insertion, 0, (size_t)(s->n_points + 1) * sizeof *c->insertion);
    c->numbers.deletion = c->numbers.insertion = 0;
    c->numbers.comprehensiveness = c->numbers.sufficiency = none;
}

void order_numbers(struct faithfulness_column *out, const struct order_values *v, size_t i) {
    clear_column(v->spec, out);
    add_order(out, v, i, 1);
}

/* --- how far random orders lie from each other --- */

static double *no_numbers(size_t n) {
    double *out = mem_alloc(n * sizeof *out);
    for (size_t i = 0; i < n; i++)
        out[i] = NAN;
    return out;
}

struct faithfulness_spread order_spread_new(const struct faithfulness_spec *s) {
    const size_t n = (size_t)s->n_points + 1;
    return (struct faithfulness_spread){no_numbers(n), no_numbers(n), NAN, NAN, NAN};
}

void order_spread_dispose(struct faithfulness_spread *spread) {
    free(spread->deletion);
    free(spread->insertion);
}

static void clear_spread(struct faithfulness_spread *spread, const struct faithfulness_spec *s) {
    memset(spread->deletion, 0, (size_t)(s->n_points + 1) * sizeof *spread->deletion);
    memset(spread->insertion, 0, (size_t)(s->n_points + 1) * sizeof *spread->insertion);
    spread->comprehensiveness = spread->sufficiency = spread->both = 0;
}

static double square(double x) {
    return x * x;
}

/* An order's share in the variances about the mean of all. */
static void add_squares(struct faithfulness_spread *out, const struct faithfulness_column *one,
                        const struct faithfulness_column *mean, const struct faithfulness_spec *s) {
    const double share = 1 / (double)(s->n_random - 1),
                 comprehensiveness =
                     one->numbers.comprehensiveness - mean->numbers.comprehensiveness,
                 sufficiency = one->numbers.sufficiency - mean->numbers.sufficiency;
    for (int64_t k = 0; k <= s->n_points; k++) {
        out->deletion[k] += share * square(one->deletion[k] - mean->deletion[k]);
        out->insertion[k] += share * square(one->insertion[k] - mean->insertion[k]);
    }
    out->comprehensiveness += share * square(comprehensiveness);
    out->sufficiency += share * square(sufficiency);
    out->both += share * square(comprehensiveness - sufficiency);
}

void order_numbers_random(struct faithfulness_column *out, struct faithfulness_spread *spread,
                          const struct order_values *v, size_t first) {
    const struct faithfulness_spec *s = v->spec;
    const size_t n = (size_t)s->n_random;
    struct faithfulness_column one = {.deletion = no_numbers((size_t)s->n_points + 1),
                                      .insertion = no_numbers((size_t)s->n_points + 1)};
    clear_column(s, out);
    for (size_t i = 0; i < n; i++)
        add_order(out, v, first + i, 1 / (double)n);
    if (n > 1)
        clear_spread(spread, s);
    for (size_t i = 0; i < n && n > 1; i++) {
        order_numbers(&one, v, first + i);
        add_squares(spread, &one, out, s);
    }
    free(one.deletion);
    free(one.insertion);
}
