#include "app/statistics/order.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const stats_sorts[] = {"key", "mean", "sum", "count", NULL};

static bool has_order(const struct stats_by *by) {
    static const enum stats_key_id without[] = {STATS_KEY_TOKEN, STATS_KEY_WORD, STATS_KEY_UNIT,
                                                STATS_KEY_OUTPUT};
    for (size_t i = 0; i < sizeof without / sizeof *without; i++)
        if (by->id == without[i])
            return false;
    return true;
}

enum stats_sort stats_usual_sort(const struct stats_spec *spec) {
    for (size_t i = 0; i < spec->n_by; i++)
        if (!has_order(&spec->by[i]))
            return STATS_BY_COUNT;
    return STATS_BY_KEY;
}

struct ranked {
    size_t group;
    double value;
    double numbers[GROUPS_MOST_KEYS]; /* of labels that are numbers, else their own */
};

/* Whether all labels of a key are numbers, by which they are ordered. */
static bool is_numeric(const struct groups *g, size_t key) {
    for (size_t i = 0; i < groups_n_labels(g, key); i++) {
        char *end;
        const char *text = groups_label_text(g, key, (uint32_t)i);
        const double x = strtod(text, &end);
        if (end == text || *end || isnan(x))
            return false;
    }
    return true;
}

static double value_of(const struct group *group, enum stats_sort sort) {
    if (sort == STATS_BY_MEAN)
        return running_mean(&group->values);
    if (sort == STATS_BY_SUM)
        return running_sum(&group->values);
    return sort == STATS_BY_COUNT ? (double)group->values.n : 0;
}

static int by_number(double a, double b) {
    return (a > b) - (a < b);
}

static int by_rank(const void *p, const void *q) {
    const struct ranked *a = p, *b = q;
    int found = by_number(b->value, a->value);
    for (size_t k = 0; k < GROUPS_MOST_KEYS && !found; k++)
        found = by_number(a->numbers[k], b->numbers[k]);
    return found ? found : by_number((double)a->group, (double)b->group);
}

static double number_of(const struct groups *g, size_t key, uint32_t label, bool numeric) {
    return numeric ? strtod(groups_label_text(g, key, label), NULL) : (double)label;
}

size_t *stats_order(size_t *n, const struct groups *g, const struct stats_spec *spec,
                    enum stats_sort sort) {
    const size_t all = groups_count(g);
    struct ranked *ranked = mem_alloc((all + 1) * sizeof *ranked);
    bool numeric[GROUPS_MOST_KEYS];
    *n = 0;
    for (size_t k = 0; k < spec->n_by; k++)
        numeric[k] = is_numeric(g, k);
    for (size_t i = 0; i < all; i++) {
        const struct group *group = groups_get(g, i);
        if (!group->values.n)
            continue;
        struct ranked *r = &ranked[(*n)++];
        *r = (struct ranked){.group = i, .value = value_of(group, sort)};
        for (size_t k = 0; k < spec->n_by; k++)
            r->numbers[k] = number_of(g, k, group->labels[k], numeric[k]);
    }
    qsort(ranked, *n, sizeof *ranked, by_rank);
    size_t *out = mem_alloc((*n + 1) * sizeof *out);
    for (size_t i = 0; i < *n; i++)
        out[i] = ranked[i].group;
    free(ranked);
    return out;
}

uint32_t *stats_labels(size_t *n, const struct groups *g, const struct stats_spec *spec,
                       size_t key) {
    const struct stats_spec alone = {.by = {spec->by[key]}, .n_by = 1};
    struct groups *only = groups_new(1);
    size_t n_groups;
    for (size_t i = 0; i < groups_n_labels(g, key); i++)
        (void)groups_label(only, 0, groups_label_text(g, key, (uint32_t)i));
    for (size_t i = 0; i < groups_count(g); i++)
        if (groups_get(g, i)->values.n)
            groups_add(only, &groups_get(g, i)->labels[key], 1);
    size_t *order = stats_order(&n_groups, only, &alone, stats_usual_sort(&alone));
    uint32_t *out = mem_alloc((n_groups + 1) * sizeof *out);
    for (size_t i = 0; i < n_groups; i++)
        out[i] = groups_get(only, order[i])->labels[0];
    *n = n_groups;
    free(order);
    groups_free(only);
    return out;
}
