/*
 * What scores are grouped by: a line each in keys.def, or a field of the data set that a text came
 * from. Plain data. Any thread.
 */
#ifndef TINSEQ_APP_STATISTICS_KEYS_H
#define TINSEQ_APP_STATISTICS_KEYS_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a label is of: an index among these. */
enum stats_scope {
    STATS_TEXT,
    STATS_ROW,    /* a token that was read: it has the score */
    STATS_COLUMN, /* a token that was written: what is explained */
    STATS_LAYER,
    STATS_HEAD,
    STATS_SCOPES
};

enum stats_key_id {
#define KEY(id, name, scope, numeric, summary) STATS_KEY_##id,
#include "app/statistics/keys.def"
    STATS_KEYS,
    STATS_FIELD = STATS_KEYS
};

struct stats_key {
    const char *name, *summary;
    enum stats_scope scope;
    bool numeric; /* labels are whole numbers, in their order */
};
const struct stats_key *stats_key(enum stats_key_id id); /* not of a field */

/* A key, or a field by its name (borrowed). */
struct stats_by {
    enum stats_key_id id;
    const char *field; /* of STATS_FIELD */
};
/* "layer"; a name that is no key's is a field's, and "field:layer" always is one. */
struct stats_by stats_by_read(const char *word);
const char *stats_by_name(const struct stats_by *by);
enum stats_scope stats_by_scope(const struct stats_by *by);

#endif
