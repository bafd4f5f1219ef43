/*
 * The map's lines: its rows in the order they stand on the screen, small ones next to each other
 * folded to one line where there are more than fit. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_MAP_LINES_H
#define TINSEQ_VIEWS_MAP_LINES_H

#include "views/screens/map.h"

/* Rows, in text order, that the cursor and the selection's other end stand on. */
struct map_places {
    size_t cursor, anchor;
};
struct map_places map_places(const struct map *m);
/* Sorts and folds anew; the cursor and the anchor go to the lines of these rows. */
void map_lay_lines(struct map *m, struct map_places at);
/* The line that a row, in text order, is in. */
size_t map_line_of(const struct map *m, size_t row);
/* Says that so many rows fit; lays the lines anew where that changes them. */
void map_set_page(struct map *m, size_t rows);
/* It is about to be drawn: what was shown anew and does not fit is seen at its largest value. */
void map_see(struct map *m);

#endif
