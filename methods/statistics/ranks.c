#include "methods/statistics/ranks.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>

struct ranked {
    double value;
    int64_t index;
};

static int by_value(const void *x, const void *y) {
    const struct ranked *a = x, *b = y;
    if (isnan(a->value) != isnan(b->value))
        return isnan(a->value) ? 1 : -1;
    if (a->value != b->value && !isnan(a->value))
        return a->value > b->value ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static struct ranked *sorted(const double *values, int64_t n) {
    struct ranked *r = mem_alloc((size_t)n * sizeof *r);
    for (int64_t i = 0; i < n; i++)
        r[i] = (struct ranked){values[i], i};
    qsort(r, (size_t)n, sizeof *r, by_value);
    return r;
}

void rank_order(int64_t *order, const double *values, int64_t n) {
    struct ranked *r = sorted(values, n);
    for (int64_t i = 0; i < n; i++)
        order[i] = r[i].index;
    free(r);
}

/* Ranks; equal values share the mean of theirs. */
static void rank(double *out, const double *values, int64_t n) {
    struct ranked *r = sorted(values, n);
    for (int64_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && r[next].value == r[i].value;)
            next++;
        for (int64_t k = i; k < next; k++)
            out[r[k].index] = (double)(i + next - 1) / 2;
    }
    free(r);
}

double rank_spearman(const double *a, const double *b, size_t n) {
    double *ra = mem_alloc(n * sizeof *ra), *rb = mem_alloc(n * sizeof *rb),
           mean = ((double)n - 1) / 2, ab = 0, aa = 0, bb = 0;
    rank(ra, a, (int64_t)n);
    rank(rb, b, (int64_t)n);
    for (size_t i = 0; i < n; i++) {
        ab += (ra[i] - mean) * (rb[i] - mean);
        aa += (ra[i] - mean) * (ra[i] - mean);
        bb += (rb[i] - mean) * (rb[i] - mean);
    }
    free(ra);
    free(rb);
    return n < 2 || aa == 0 || bb == 0 ? NAN : ab / sqrt(aa * bb);
}
