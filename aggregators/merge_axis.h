/* One axis of an array merges by spans. Any thread. */
#ifndef TINSEQ_AGGREGATORS_MERGE_AXIS_H
#define TINSEQ_AGGREGATORS_MERGE_AXIS_H

#include "aggregators/function.h"
#include "aggregators/grouping.h"
#include "backend/base/err.h"
#include "methods/result/attribution.h"

/* How several values become one. */
struct merge_how {
    const struct aggregate_function *function;
    double order;
};

/* Which NaN are left out: those of rows from limit[column] on. */
struct merge_unseen {
    const int64_t *limit; /* by column; NULL: all that is NaN */
};

/* Axis `at` (0: rows, 1: columns) of s becomes one entry a span, in place. A span of one entry
 * keeps it; of several those that are left out do not count, another NaN makes NaN, and none makes
 * NaN. No data is no error. Errors: NOMEM. */
enum err_code merge_axis(struct scores *s, int at, const struct partition *p,
                         const struct merge_unseen *unseen, const struct merge_how *how,
                         struct err *e) ERR_CHECKED;

#endif
