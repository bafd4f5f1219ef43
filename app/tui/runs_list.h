/*
 * Which runs the list shows and in which order: those that a filter leaves, sorted by a column. The
 * cursor stays with its run. Interface thread only.
 */
#ifndef TINSEQ_APP_RUNS_LIST_H
#define TINSEQ_APP_RUNS_LIST_H

#include "app/files/run_store.h"
#include "views/screens/runs.h"

struct runs_list {
    struct run **items; /* [n], borrowed from the store until the next update */
    size_t n, cursor;
    struct run *at; /* under the cursor; NULL: none */
    char *filter;   /* what is typed, owned; NULL: none */
    enum run_column sort;
    bool reversed;
};

/* What a run is held against: a foil, a contrast text, or what it has as its context; NULL:
 * nothing.
 */
const char *runs_list_contrast(const struct run *r);
/* Sees what the store has now. Of a run that is gone the cursor takes the neighbour. */
void runs_list_update(struct runs_list *l, const struct run_store *store);
void runs_list_dispose(struct runs_list *l);
/* The cursor to a line, as far as there are some. */
void runs_list_go(struct runs_list *l, int64_t to);
/* NULL and "": no filter. Runs are left that have each of its words somewhere in what the list
 * shows of them or in their text; letter case is ignored. */
void runs_list_filter(struct runs_list *l, const struct run_store *store, const char *filter);
/* By another column in its usual direction (the newest, longest first; texts from A), or by the
 * same the other way round. */
void runs_list_sort(struct runs_list *l, const struct run_store *store, enum run_column column);

#endif
