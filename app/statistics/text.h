/*
 * What is asked for, and one text of a result on its way into groups: its scores as the options
 * aggregate them, what its tokens are to roles, its fields. Untrusted. Any thread.
 */
#ifndef TINSEQ_APP_STATISTICS_TEXT_H
#define TINSEQ_APP_STATISTICS_TEXT_H

#include "aggregators/pipeline.h"
#include "app/jobs/row_roles.h"
#include "app/statistics/fields.h"
#include "app/statistics/keys.h"
#include "methods/statistics/groups.h"

/* The field that says what of the input has a role: words of it, A:B, chars:A:B
 * (methods/evaluation/rationale.h). */
struct stats_role {
    const char *name, *field;
};

enum stats_test { STATS_IS, STATS_IS_NOT, STATS_BELOW, STATS_ABOVE };
/* Only what has such a label. A value A:B means numbers from A up to, but not including, B. */
struct stats_filter {
    struct stats_by by;
    enum stats_test test;
    const char *value;
};

/* What is asked for; all borrowed. */
struct stats_spec {
    struct stats_by by[GROUPS_MOST_KEYS];
    size_t n_by;
    const struct stats_filter *filters;
    size_t n_filters;
    const struct stats_role *roles;
    size_t n_roles;
    const char *score;               /* a step's or a sequence's; NULL: those of tokens */
    bool source, target;             /* sides; neither: the source where there is one */
    const struct pipeline *pipeline; /* how scores are aggregated before they are grouped */
    struct info_texts *notices;      /* what a person should know of that is added, once */
};
/* Whether a key or a filter is of this scope, or this key. */
bool stats_uses_scope(const struct stats_spec *spec, enum stats_scope scope);
bool stats_uses_key(const struct stats_spec *spec, enum stats_key_id id);

struct stats_text {
    const struct attribution *result; /* of one sequence, raw */
    const char *file;
    size_t number; /* in it, from 1 */
    bool left_out; /* the filters of texts leave it out: nothing else of it is computed */
    struct attribution_sequence s; /* aggregated */
    struct grouping made; /* of its rows and columns, the raw tokens; empty: each its own */
    struct stats_fields fields;
    struct row_roles roles; /* of the raw rows; none where they are not asked for */
};

#endif
