/*
 * Bars of numbers, the same in every view: block characters, or "#" where there is no UTF-8. Pure.
 * Interface thread only.
 */
#ifndef TINSEQ_VIEWS_BAR_H
#define TINSEQ_VIEWS_BAR_H

#include "views/terminal/grid.h"

#include <stdbool.h>

/* What is left of a bar's place stays as it is, or has a line. */
enum bar_rest { BAR_BARE, BAR_LINE };

/* `share` of so many columns, from the left; [0, 1], NaN is nothing. */
void bar_draw(struct grid *g, struct area a, int row, int column, int columns, double share,
              enum style_role role, enum bar_rest rest);
/* From the middle, to the left when it is negative: [−1, 1]. */
void bar_draw_signed(struct grid *g, struct area a, int row, int column, int columns, double share,
                     enum bar_rest rest);

#endif
