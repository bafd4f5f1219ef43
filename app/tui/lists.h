/*
 * The lists of rows: one for each opened file that holds several texts, read in the background.
 * Interface thread only.
 */
#ifndef TINSEQ_APP_LISTS_H
#define TINSEQ_APP_LISTS_H

#include "app/tui/row_list.h"

struct app;
struct run;

/* The list of a run's texts: made, and its reading begun, where it is asked for first. NULL: the
 * run has one text. */
struct row_list *app_list_of(struct app *a, struct run *r);
/* That of the current run, or else the one that was shown last, as far as it was read; NULL: there
 * is none. */
struct row_list *app_list(const struct app *a);
/* The one that these are the rows of; NULL: its run is gone. */
struct row_list *app_list_of_rows(const struct app *a, const struct result_rows *rows);
/* Whether what is on the map was opened from that list: one of its rows, or a mean of some. */
bool app_is_listed(const struct app *a);
/* A run's list from a table that was read already; taken. */
void app_list_add_take(struct app *a, struct run *r, struct row_table *table);
/* Other rows in the place of a run's, which begin as those did, from a file that may be another:
 * all are taken. Filter, order, marks and cursor stay. Nobody may be reading the old ones. */
void app_list_replace_take(struct app *a, struct run *r, const char *path, struct result_rows *rows,
                           struct row_table *table);
/* Tabs that there are: the list's is the last, and there while there is one. */
int app_tabs(const struct app *a);
/* A run is about to be freed. */
void app_list_forget(struct app *a, const struct run *r);
void app_lists_dispose(struct app *a);

#endif
