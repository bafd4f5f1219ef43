/*
 * Which rows of a file a list shows and in which order: those that a filter leaves, sorted by a
 * column; which are marked, and where the cursor is. It grows while the table is read; the cursor
 * stays with its row. Interface thread only.
 */
#ifndef TINSEQ_APP_ROW_LIST_H
#define TINSEQ_APP_ROW_LIST_H

#include "app/jobs/row_table.h"
#include "app/tui/row_filter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROW_LIST_FILE_ORDER (-1) /* as in the file: by the rows' numbers */

struct run;

struct row_list {
    struct run *run; /* borrowed: whose rows */
    struct row_table *table;
    bool failed;                   /* the table could not be read whole */
    int64_t first_mean, last_mean; /* runs that are means of its rows; 0: none */
    uint32_t *items;               /* [n] rows */
    size_t n, n_seen, n_sorted;
    size_t cursor;
    int64_t at;  /* the row under the cursor; −1: none */
    char *typed; /* of the filter; NULL: none */
    struct row_filter filter;
    char *looked_for; /* by a search; NULL: nothing */
    struct row_filter search;
    size_t n_matches; /* of the list */
    bool finding;     /* it is being typed */
    int sort;         /* a column, or the file's order */
    bool descending;
    size_t top, left, column; /* of the list on the screen */
    bool *marked;             /* [rows of the file] */
    uint32_t *marks;          /* [n_marks] in the order that they were marked in */
    size_t n_marks;
};

/* Takes the table. */
struct row_list *row_list_new_take(struct run *run, struct row_table *table);
/* Another table whose rows begin as those of the one before did; taken. */
void row_list_replace_take(struct row_list *l, struct row_table *table);
void row_list_free(struct row_list *l); /* NULL is legal */
/* Sees what of the table was read meanwhile. */
void row_list_update(struct row_list *l);
/* The cursor to a place of the list, as far as there are some. */
void row_list_go(struct row_list *l, int64_t to);
/* To a row of the file, where the list shows it. */
bool row_list_go_row(struct row_list *l, size_t row);
/* NULL and "": all rows. */
void row_list_filter(struct row_list *l, const char *typed);
/* By another column, numbers from the largest, texts from A; by the same the other way round. */
void row_list_sort(struct row_list *l, int column);
/* A search; NULL and "": none. */
void row_list_search(struct row_list *l, const char *typed);
/* The cursor to the next row that matches, the one under it included or not, going round; false:
 * none does. */
bool row_list_go_match(struct row_list *l, int direction, bool here);
/* Marks the row or takes its mark away. */
void row_list_mark(struct row_list *l, size_t row);
void row_list_unmark_all(struct row_list *l);
/* The table's columns that are shown, from left to right; how many. */
size_t row_list_shown(int shown[ROW_COLUMNS], const struct row_list *l);
/* Whether a column, or the file's order, is one of numbers: a share where it has one beside its
 * text. */
bool row_list_by_number(const struct row_list *l, int column);
/* "file order", "probability": what it is sorted by. Borrowed. */
const char *row_list_column_name(const struct row_list *l, int column);

#endif
