/*
 * Scroll marks: how much there is beyond what is shown, the same in every view. A bar stands for
 * the rows, numbers for all four sides: "↑3 ↓12 →8 more". Nothing is drawn where nothing is hidden.
 * Pure. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_SCROLL_H
#define TINSEQ_VIEWS_SCROLL_H

#include "views/terminal/grid.h"

#include <stddef.h>

#define SCROLL_TEXT 96 /* bytes that the numbers take at most */

/* Along one axis: things before what is shown, shown, and after it. */
struct scroll_axis {
    size_t before, shown, after;
};
struct scroll {
    struct scroll_axis rows, columns;
};

/* Of `n` things at most `room` are shown, from `first` on. */
struct scroll_axis scroll_axis(size_t first, size_t room, size_t n);
/* "↑3 ↓12 ←1 →8 more"; "" where nothing is hidden. */
void scroll_text(char buf[SCROLL_TEXT], const struct scroll *s);

/* On the edges of a box that is drawn already: the bar at the right, the numbers below. */
void scroll_box(struct grid *g, struct area box, const struct scroll *s);
/* The bar in the last column of an area without a frame. */
void scroll_bar(struct grid *g, struct area a, const struct scroll_axis *rows);
/* The numbers at the right of a row that is free there. Returns the columns used. */
int scroll_row(struct grid *g, struct area row, const struct scroll *s);

#endif
