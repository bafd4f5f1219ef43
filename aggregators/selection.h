/* Which entries of a dimension take part: `select_idx`. Any thread. */
#ifndef TINSEQ_AGGREGATORS_SELECTION_H
#define TINSEQ_AGGREGATORS_SELECTION_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One: it is picked, and nothing is aggregated. Range [from, to). Negative: from the end. */
enum select_kind { SELECT_ALL, SELECT_ONE, SELECT_RANGE, SELECT_LIST };
struct selection {
    enum select_kind kind;
    int64_t from, to;
    int64_t *list; /* owned */
    size_t n_list;
};

/* From JSON: null (all), a number, a list of numbers, or {"range": [from, to]}. NULL: all.
 * ERR_USAGE: it is none of these. */
enum err_code selection_read(struct selection *out, const char *json, struct err *e) ERR_CHECKED;
void selection_dispose(struct selection *s);

/* Entries of a dimension, owned by whoever took them. */
struct entries {
    int64_t *items; /* NULL: all */
    size_t n;
};
/* What a selection means in [0, n). *out is to be freed also on failure. Errors: SHAPE (outside,
 * empty, twice). */
enum err_code selection_entries(struct entries *out, const struct selection *s, int64_t n,
                                struct err *e) ERR_CHECKED;

#endif
