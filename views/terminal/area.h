/*
 * Rectangles of a grid. Pure. Any thread.
 */
#ifndef TINSEQ_VIEWS_AREA_H
#define TINSEQ_VIEWS_AREA_H

/* Drawing is clipped to it. */
struct area {
    int row, column, rows, columns;
};

struct area area_inner(struct area a); /* without a one-cell border */

/* Parts of an area: the first n rows or columns are cut off and returned, *a keeps the rest. Never
 * more than there is. */
struct area area_take_top(struct area *a, int rows);
struct area area_take_bottom(struct area *a, int rows);
struct area area_take_left(struct area *a, int columns);
struct area area_take_right(struct area *a, int columns);

#endif
