#include "methods/statistics/correlation.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>

#define MOST_EXACT 33

struct pair {
    double x, y;
};

static int by_value(double a, double b) {
    return (a > b) - (a < b);
}

static int by_both(const void *p, const void *q) {
    const struct pair *a = p, *b = q;
    const int x = by_value(a->x, b->x);
    return x ? x : by_value(a->y, b->y);
}

/* Runs of equal values, by how many there are: pairs within them, and what their variance needs. */
struct ties {
    int64_t pairs;
    double triples, weighted; /* Σ t (t − 1) (t − 2), Σ t (t − 1) (2 t + 5) */
};

static void add_run(struct ties *to, int64_t length) {
    const double t = (double)length;
    to->pairs += length * (length - 1) / 2;
    to->triples += t * (t - 1) * (t - 2);
    to->weighted += t * (t - 1) * (2 * t + 5);
}

/* Of pairs that are sorted so that equal ones stand together: by x, by y, or by both. */
static struct ties ties_of(const struct pair *p, size_t n, bool by_x, bool by_y) {
    struct ties out = {0};
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n; next++)
            if ((by_x && p[next].x != p[i].x) || (by_y && p[next].y != p[i].y))
                break;
        add_run(&out, (int64_t)(next - i));
    }
    return out;
}

/* Sorts by y and counts the pairs that stood the other way round (Knight 1966). */
static int64_t sort_by_y(struct pair *p, struct pair *spare, size_t n) {
    const size_t half = n / 2;
    if (n < 2)
        return 0;
    int64_t swaps = sort_by_y(p, spare, half) + sort_by_y(p + half, spare, n - half);
    size_t a = 0, b = half;
    for (size_t i = 0; i < n; i++) {
        const bool second = a == half || (b < n && p[b].y < p[a].y);
        swaps += second ? (int64_t)(half - a) : 0;
        spare[i] = second ? p[b++] : p[a++];
    }
    for (size_t i = 0; i < n; i++)
        p[i] = spare[i];
    return swaps;
}

/* How likely at most so many discordant pairs are, or as few concordant ones. */
static double exact_chance(size_t n, int64_t discordant, int64_t total) {
    const int64_t c = discordant < total - discordant ? discordant : total - discordant;
    const double orders = tgamma((double)n + 1);
    if (n <= 2 || 4 * c == (int64_t)(n * (n - 1)))
        return 1;
    if (c <= 1) /* of n elements: one order, and n − 1 with a single swap */
        return 2 * (c ? (double)n : 1) / orders;
    double counts[MOST_EXACT * (MOST_EXACT - 1) / 4 + 1] = {1, 1}, sum = 0;
    for (int64_t j = 3; j <= (int64_t)n; j++) { /* j elements from j − 1: up to j − 1 more swaps */
        double within[MOST_EXACT * (MOST_EXACT - 1) / 4 + 1], running = 0;
        for (int64_t i = 0; i <= c; i++) {
            running += counts[i] - (i >= j ? counts[i - j] : 0);
            within[i] = running;
        }
        for (int64_t i = 0; i <= c; i++)
            counts[i] = within[i];
    }
    for (int64_t i = 0; i <= c; i++)
        sum += counts[i];
    return fmin(1, 2 * sum / orders);
}

static double normal_chance(double difference, size_t n, const struct ties *x,
                            const struct ties *y) {
    const double size = (double)n, m = size * (size - 1);
    double variance = (m * (2 * size + 5) - x->weighted - y->weighted) / 18 +
                      2 * (double)x->pairs * (double)y->pairs / m;
    if (x->triples * y->triples > 0)
        variance += x->triples * y->triples / (9 * m * (size - 2));
    return erfc(fabs(difference) / sqrt(variance) / M_SQRT2);
}

static struct correlation of_sorted(struct pair *p, struct pair *spare, size_t n) {
    const int64_t total = (int64_t)(n * (n - 1) / 2);
    const struct ties x = ties_of(p, n, true, false), both = ties_of(p, n, true, true);
    const int64_t discordant = sort_by_y(p, spare, n);
    const struct ties y = ties_of(p, n, false, true);
    const double difference = (double)(total - x.pairs - y.pairs + both.pairs - 2 * discordant);
    const bool untied = !x.pairs && !y.pairs,
               nearly_all = discordant <= 1 || total - discordant <= 1;
    if (x.pairs == total || y.pairs == total)
        return (struct correlation){NAN, NAN};
    const double tau =
        difference / sqrt((double)(total - x.pairs)) / sqrt((double)(total - y.pairs));
    const double p_value = untied && (n <= MOST_EXACT || nearly_all)
                               ? exact_chance(n, discordant, total)
                               : normal_chance(difference, n, &x, &y);
    return (struct correlation){fmax(-1, fmin(1, tau)), p_value};
}

struct correlation correlation_kendall(const double *x, const double *y, size_t n) {
    struct pair *p = mem_alloc((n + 1) * sizeof *p), *spare = mem_alloc((n + 1) * sizeof *spare);
    for (size_t i = 0; i < n; i++)
        p[i] = (struct pair){x[i], y[i]};
    if (n)
        qsort(p, n, sizeof *p, by_both);
    const struct correlation out = n < 2 ? (struct correlation){NAN, NAN} : of_sorted(p, spare, n);
    free(p);
    free(spare);
    return out;
}
