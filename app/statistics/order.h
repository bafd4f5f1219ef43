/* In which order groups stand. Any thread. */
#ifndef TINSEQ_APP_STATISTICS_ORDER_H
#define TINSEQ_APP_STATISTICS_ORDER_H

#include "app/statistics/text.h"

enum stats_sort { STATS_BY_KEY, STATS_BY_MEAN, STATS_BY_SUM, STATS_BY_COUNT };
extern const char *const stats_sorts[]; /* their names, NULL-terminated */

/* Keys that have an order of their own (layers, roles) in that; of words and tokens the groups with
 * the most values first. */
enum stats_sort stats_usual_sort(const struct stats_spec *spec);

/* The groups that have a value, [*n] of them, owned by the caller; values largest first, ties by
 * key. */
size_t *stats_order(size_t *n, const struct groups *g, const struct stats_spec *spec,
                    enum stats_sort sort);

/* Labels of a key that such groups have, [*n] numbers in the key's order; owned by the caller. */
uint32_t *stats_labels(size_t *n, const struct groups *g, const struct stats_spec *spec,
                       size_t key);

#endif
