/*
 * What lies where on a grid, for the mouse: drawing registers each thing that can be pressed, and
 * whoever gets a press asks here, so that no handler knows geometry. The table is the grid's and is
 * emptied with it; what was registered last lies on top. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_HITS_H
#define TINSEQ_VIEWS_HITS_H

#include "views/terminal/area.h"

#include <stddef.h>
#include <stdint.h>

enum hit_kind {
    HIT_NONE,
    HIT_KEY,    /* row: what its mark says (text.h): a command's id, or a key, negated */
    HIT_TAB,    /* row: of the frame's tabs */
    HIT_CELL,   /* row, column: of the view's cells */
    HIT_ROW,    /* row: the view's, without a cell */
    HIT_COLUMN, /* column: the heading of one of the view's */
    HIT_SORT,   /* column: a heading that a list can be sorted by, the view's own number */
    HIT_ITEM,   /* row: of an overlay's list */
    HIT_FIELD,  /* row: of the form's fields */
    HIT_FORM,   /* the form between its fields */
    HIT_DETAIL, /* the detail */
    HIT_TEXT,   /* running text; column: the step whose token it is, −1: none's */
    HIT_RANK,   /* row: of a list by rank */
    HIT_TARGET, /* row, column: of a second map beside the view's cells */
    HIT_BOX,    /* an overlay, where nothing in it can be pressed */
    HIT_EDIT    /* row: the byte of a text being edited that stands at column 0; it lies on what it
                   belongs to */
};

struct hit {
    enum hit_kind kind;
    int64_t row, column;
};

/* Zero-initialise to start. */
struct hits {
    struct hit_box *boxes; /* [n] */
    size_t n;
};

void hits_dispose(struct hits *h);
/* All before are covered: an overlay opens, or the grid is empty. */
void hits_forget(struct hits *h);
/* `at` is relative to `within` and clipped to it, as text is. */
void hit_add(struct hits *h, struct area within, struct area at, struct hit what);
/* Things beside or below each other, each so many rows or columns large: `first` is the first one,
 * the others count up. 0: not counted that way. */
void hit_add_each(struct hits *h, struct area within, struct area at, struct hit first,
                  int each_rows, int each_columns);
/* The one on top at a row and column of the grid, but for a text being edited; HIT_NONE: nothing.
 */
struct hit hit_find(const struct hits *h, int row, int column);
/* The same beneath the keys that are printed there: what a wheel turns. */
struct hit hit_find_below_keys(const struct hits *h, int row, int column);
/* The text being edited there (HIT_EDIT), or HIT_NONE. */
struct hit hit_find_edit(const struct hits *h, int row, int column);

#endif
