/*
 * The cells of the atlas's grid, one a head: their colour, number and names. Of
 * views/screens/atlas* alone. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_ATLAS_CELLS_H
#define TINSEQ_VIEWS_ATLAS_CELLS_H

#include "views/screens/atlas.h"

#define ATLAS_LABEL_COLUMNS 5 /* "> 12 " before a layer's cells */

/* [−1, 1]; the sequential map unless some values are negative (a cell's gradient, say). */
float atlas_heat(const struct atlas *a, int64_t layer, int64_t head);
/* NaN where only the strongest are to be seen, and this is none. */
float atlas_shown_heat(const struct atlas *a, int64_t layer, int64_t head);
bool atlas_has_negative(const struct atlas *a);

/* The cell `width` columns wide, with its number where that has room; the cursor if it is there. */
void atlas_cell_draw(struct grid *g, struct area cells, int row, int column, int width,
                     const struct atlas *a, int64_t layer, int64_t head, bool diverging);
void atlas_label_draw(struct grid *g, struct area cells, int row, int64_t layer, bool here);
/* What the cells are: "·said → ·disse", or the metric's name. Owned by the caller. */
char *atlas_cells_title(const struct atlas *a);

#endif
