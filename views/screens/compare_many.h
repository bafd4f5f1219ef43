/*
 * More than two results: A, and each other one beside it with its difference to A. Rows and columns
 * are A's; each pair is aligned by itself. Refers to aggregated sequences ([rows, G]). State and
 * drawing; no terminal. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_COMPARE_MANY_H
#define TINSEQ_VIEWS_COMPARE_MANY_H

#include "views/screens/compare.h"

struct compare_many {
    struct compare *pairs;      /* [n] A against each of the others */
    size_t n;                   /* 0: nothing is compared */
    size_t *row_of, *column_of; /* [n, n_rows], [n, n_columns]: those of A in each pair */
    size_t n_rows, n_columns;   /* of A */
    size_t n_left_out;          /* rows of others that A has not */
    size_t row, column, top, left;
    const char *hint; /* "< > column"; NULL: nothing. Of its owner */
};

/* The first side is A; at least two. */
void compare_many_show(struct compare_many *m, const struct compare_side *sides, size_t n_sides);
void compare_many_dispose(struct compare_many *m);
void compare_many_set_scale(struct compare_many *m, enum compare_scale scale);
void compare_many_move(struct compare_many *m, long rows, long columns);
/* Of A's row and column in side 0 (A) … n; NaN where that one has none. */
float compare_many_value(const struct compare_many *m, size_t side, size_t row, size_t column);
/* Side − A. */
float compare_many_difference(const struct compare_many *m, size_t side, size_t row, size_t column);
/* Cells can be pressed (HIT_CELL), columns' heads (HIT_COLUMN) and labels (HIT_ROW). */
void compare_many_draw(struct grid *g, struct area area, struct compare_many *m);

#endif
