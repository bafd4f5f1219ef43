/* Results of files, text after text, into groups: memory does not grow with how many there are, but
 * for correlations, which need a pair of numbers of each. Any thread. */
#ifndef TINSEQ_APP_STATISTICS_COLLECT_H
#define TINSEQ_APP_STATISTICS_COLLECT_H

#include "app/statistics/text.h"
#include "backend/base/run_ctl.h"

/* What goes together with a column, for each group: a number a text. */
struct stats_pairs {
    double *scores, *values;
    size_t n, room;
};

struct stats_table;

struct stats_collection {
    struct groups *groups;
    struct stats_pairs *pairs; /* [groups_count], of what is correlated; NULL: nothing is */
    size_t n_pairs;
    size_t n_texts, n_used;     /* that were read; that had a score which passed the filters */
    size_t n_failed, n_without; /* that could not be used; that have no number in the column */
    char *first_failed, *first_without; /* why not the first of them; NULL: there is none */
    struct info_texts shadowed;         /* keys that are asked for, and columns' names too */
    struct info_texts methods, models, functions; /* that occur, once each */
};

/* What is done with each text beside that; zero: nothing. */
struct stats_visitor {
    void *user;
    enum err_code (*text)(void *user, const struct stats_text *t, const struct stats_spec *spec,
                          struct err *e);
};

struct stats_job {
    const char *const *files;
    size_t n_files;
    const struct stats_spec *spec;
    const char *column;                  /* to correlate with; NULL: nothing is */
    struct stats_table *table;           /* of columns beside the results; NULL: none */
    const struct stats_visitor *visitor; /* NULL: none */
    const struct run_ctl *ctl;
};

/* Dispose of it in any case. A text that cannot be used is counted; the error is that of the first
 * where none can (the first hundred). Also: IO, FORMAT, NOMEM, CANCELLED. */
enum err_code stats_collect(struct stats_collection *out, const struct stats_job *job,
                            struct err *e) ERR_CHECKED;
void stats_collection_dispose(struct stats_collection *c);

#endif
