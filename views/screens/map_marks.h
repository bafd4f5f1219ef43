/*
 * What is drawn over and beside the map's cells: the cursor, the selection, folded rows, the
 * overview. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_MAP_MARKS_H
#define TINSEQ_VIEWS_MAP_MARKS_H

#include "views/screens/map_geometry.h"

/* Whether cells show a sign. */
bool map_is_signed(const struct map *m);

void map_draw_cursor(struct grid *grid, struct area a, const struct map *m,
                     const struct map_geometry *y);
void map_draw_selection(struct grid *grid, struct area a, const struct map *m,
                        const struct map_geometry *y);
/* "23 tokens below .01" of a line that is a fold, shorter where it has to fit fewer columns. */
void map_fold_text(char *buf, size_t n_buf, const struct map *m, size_t line, int columns);
/* The r-th line on the screen, which is a fold. */
void map_draw_fold(struct grid *grid, struct area a, const struct map *m,
                   const struct map_geometry *y, int r);
/* All rows in the height of the area, two parts of them a cell. The scroll bar beside it says which
 * are on the screen. */
void map_draw_strip(struct grid *grid, struct area a, const struct map *m,
                    const struct map_geometry *y);

#endif
