/*
 * The map's lines: its rows in the order they stand on the screen, small ones next to each other
 * folded to one line where there are more than fit. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_MAP_LINES_H
#define TINSEQ_VIEWS_MAP_LINES_H

#include "views/screens/map_table.h"

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
/* The cursor's row in text order; n_rows when the map is empty or the cursor on a fold. */
size_t map_cursor_row(const struct map *m);
/* The same, of a fold its first row; 0 when the map is empty. */
size_t map_place(const struct map *m);
bool map_on_fold(const struct map *m);
size_t map_n_folded(const struct map *m); /* rows in folds */
/* Opens the fold under the cursor; the cursor stays on its first row. */
void map_open_fold(struct map *m);
/* Folds that were opened close. */
void map_set_fold(struct map *m, enum map_fold wanted);
/* The selected rows, or the cursor's: a part of `order`, n of them. */
struct map_line map_selected(const struct map *m);
/* Σ over a line's rows in column g, −1: over all columns; NaN: none has a value. */
float map_line_value(const struct map *m, size_t line, int64_t g);
/* Its part of Σ|column|; NaN for a column of zeros. */
float map_line_share(const struct map *m, size_t line, int64_t g);
/* To a row in text order; out of its fold. */
void map_go_row(struct map *m, size_t row);

#endif
