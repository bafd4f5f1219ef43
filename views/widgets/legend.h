/*
 * What the colours of a view stand for: "0 ░░▒▒▓▓██ .61", in the cells' own colours, or the glyphs
 * that stand for them. Pure. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_LEGEND_H
#define TINSEQ_VIEWS_LEGEND_H

#include "views/terminal/grid.h"
#include "views/widgets/scroll.h"

struct legend {
    enum heat_scale scale;
    char from[16], to[16]; /* numbers of the first and the last colour; to empty: no legend */
    const char *note;      /* what they are the ends of: "this step"; borrowed, NULL: nothing */
};

/* Columns that legend_row takes, with a blank on either side; 0: there is none. */
int legend_columns(const struct legend *l);
/* A small one at the right of a row that has other things, too. Returns the columns used. */
int legend_row(struct grid *g, struct area row, const struct legend *l);
/* At the left of a box's lower edge, where scroll_box has its numbers at the right; the note, then
 * the number of cells, go first where there is no room. */
void legend_box(struct grid *g, struct area box, const struct legend *l, const struct scroll *s);

#endif
