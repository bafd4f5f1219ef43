/*
 * What is drawn over and beside the map's cells: the cursor, the selection, folded rows, the
 * overview. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_MAP_MARKS_H
#define TINSEQ_VIEWS_MAP_MARKS_H

#include "views/screens/map_geometry.h"
#include "views/terminal/grid.h"

void map_draw_cursor(struct grid *grid, struct area a, const struct map *m,
                     const struct map_geometry *y);
void map_draw_selection(struct grid *grid, struct area a, const struct map *m,
                        const struct map_geometry *y);
/* "23 tokens below .01" of a line that is a fold, shorter where it has to fit fewer columns. */
void map_fold_text(char *buf, size_t n_buf, const struct map *m, size_t line, int columns);
/* The r-th line on the screen, which is a fold. */
void map_draw_fold(struct grid *grid, struct area a, const struct map *m,
                   const struct map_geometry *y, int r);
/* What stands before a row's number: that a person marked it, else what it is of a context. */
void map_draw_row_mark(struct grid *grid, struct area a, const struct map *m, int at_row,
                       const struct map_row *row);
/* Below the head of the c-th column on the screen: that a context changes its token, and its rank
 * among those. */
void map_draw_changed(struct grid *grid, struct area a, const struct map *m,
                      const struct map_geometry *y, int c);
/* Where the window is: all rows in the height of the area, two parts of them a cell, beside the
 * scroll bar; all columns in a row below, between brackets those on the screen. Only of what does
 * not fit. */
void map_draw_overview(struct grid *grid, struct area a, const struct map *m,
                       const struct map_geometry *y);
/* Puts a glyph of one column over what a cell has, in its look. */
void map_put_glyph(struct grid *grid, struct area a, int row, int column, const char *glyph);

#endif
