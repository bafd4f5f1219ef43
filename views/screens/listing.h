/*
 * A list of many rows with columns of its owner's: as many as the width has room for, the others
 * reached by a cursor over the columns. Only what is seen is asked for. Pure. Interface thread
 * only.
 */
#ifndef TINSEQ_VIEWS_LISTING_H
#define TINSEQ_VIEWS_LISTING_H

#include "views/terminal/grid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct listing_column {
    const char *heading; /* sanitised, borrowed */
    int widest;          /* what its texts take at most */
    int least;           /* what a text is cut to before columns are left out */
    bool right;          /* numbers */
};

/* A row: its number, its mark ('A' …, '+', 0: none), and what stands instead of its cells where
 * something is wrong with it (NULL: nothing). */
struct listing_row {
    int64_t number;
    char mark;
    const char *wrong;
    bool match; /* what is looked for stands there */
};

struct listing {
    const struct listing_column *columns; /* [n_columns] from left to right; the first one stays */
    size_t n_columns;
    void (*row)(void *user, size_t i, struct listing_row *out);
    /* The text of a cell, valid until the next call. */
    const char *(*cell)(void *user, size_t i, size_t column);
    void *user;
    int64_t largest; /* of the rows' numbers */
    size_t n, cursor, top;
    size_t column, left; /* under the cursor; the first that is shown behind the first */
    int sort;            /* a column; −1: by the numbers; −2: none of them */
    bool descending;
};

/* Its lines can be pressed (HIT_ROW), and its headings (HIT_SORT: the column, −1 the numbers).
 * Columns that have no room are counted at the right of the headings. */
void listing_draw(struct grid *g, struct area a, struct listing *l);

#endif
