#include "methods/statistics/bootstrap.h"

#include "backend/base/mem.h"
#include "methods/random.h"

#include <math.h>
#include <stdlib.h>

static struct text_values *new_item(struct text_sample *s) {
    if (s->n == s->room) {
        s->room = s->room ? 2 * s->room : 4;
        s->items = mem_resize(s->items, s->room * sizeof *s->items);
    }
    s->items[s->n] = (struct text_values){0};
    return &s->items[s->n++];
}

/* The i-th of n by chance. */
static size_t drawn(uint64_t key, size_t i, size_t n) {
    return (size_t)(random_uniform_of(random_key(key, i)) * (double)n);
}

void text_sample_add(struct text_sample *s, double sum, size_t n) {
    struct text_values *item =
        s->n < BOOTSTRAP_MOST ? new_item(s) : &s->items[drawn(BOOTSTRAP_MOST, s->n_texts, s->n)];
    item->sum += sum;
    item->n += (double)n;
    s->n_texts++;
}

void text_sample_dispose(struct text_sample *s) {
    free(s->items);
    *s = (struct text_sample){0};
}

static double drawn_mean(const struct text_sample *s, uint64_t key) {
    double sum = 0, n = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct text_values *v = &s->items[drawn(key, i, s->n)];
        sum += v->sum;
        n += v->n;
    }
    return sum / n;
}

static int by_value(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Between the two sorted values next to it. */
static double quantile(const double *sorted, size_t n, double at) {
    const double place = at * (double)(n - 1);
    const size_t below = (size_t)place;
    if (below + 1 >= n)
        return sorted[n - 1];
    return sorted[below] + (place - (double)below) * (sorted[below + 1] - sorted[below]);
}

struct bootstrap_interval bootstrap_mean(const struct text_sample *s, size_t draws, double level,
                                         uint64_t seed) {
    if (s->n < 2 || !draws)
        return (struct bootstrap_interval){NAN, NAN};
    double *means = mem_alloc(draws * sizeof *means);
    for (size_t b = 0; b < draws; b++)
        means[b] = drawn_mean(s, random_key(seed, b));
    qsort(means, draws, sizeof *means, by_value);
    const struct bootstrap_interval out = {quantile(means, draws, (1 - level) / 2),
                                           quantile(means, draws, (1 + level) / 2)};
    free(means);
    return out;
}
