/*
 * A line of parts, some at its left and some at its right, two blanks between them. Where there is
 * no room for all, those of the least weight go first, or shrink first if they may, and what stays
 * alone is cut. Titles and lines of state are made of it. Pure. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_PARTS_H
#define TINSEQ_VIEWS_PARTS_H

#include "views/terminal/grid.h"

#include <stdbool.h>
#include <stddef.h>

#define PARTS_MOST 16

struct parts_item {
    char *text; /* owned; sanitised already */
    int weight; /* the more, the longer it stays */
    int least;  /* columns that it may be cut to; 0: all or nothing */
    enum style_role role;
    bool right, left_out, shrunk;
};

/* All zero: empty. */
struct parts {
    struct parts_item items[PARTS_MOST];
    size_t n;
};

/* Adds one at the end of its side, printf-style; an empty text is none. */
void parts_add(struct parts *p, int weight, enum style_role role, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void parts_add_right(struct parts *p, int weight, enum style_role role, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The last one is cut, to so many columns at the least, before it is left out. */
void parts_shrink(struct parts *p, int least);
/* Cuts and leaves out what has no room in `columns`. */
void parts_fit(struct parts *p, int columns);
/* One side as text, the caller's; "" when nothing of it is left. */
char *parts_text(const struct parts *p, bool right);
/* Fits them to the area and draws them in a row of it, each in its role. */
void parts_draw(struct grid *g, struct area a, int row, struct parts *p);
void parts_dispose(struct parts *p);

#endif
