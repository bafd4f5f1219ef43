/*
 * How a cell looks at a rung of the colour ladder: the glyph, colours and attributes that stand for
 * its role or its value. Pure; used by the screen, by tests and by what draws the README's picture.
 * Any thread.
 */
#ifndef TINSEQ_VIEWS_LOOK_H
#define TINSEQ_VIEWS_LOOK_H

#include "themes/theme.h"
#include "views/terminal/grid.h"

/* What the terminal can show, and how the person wants it. */
struct palette {
    const struct theme *theme;
    const struct colour_map *diverging, *sequential;
    enum colour_depth depth;
    bool ascii;   /* no character beyond ASCII */
    bool console; /* the Linux console's font: square corners only */
};

/* fg and bg: RGB at COLOUR_DIRECT, else a palette index; −1 the terminal's default. */
struct look {
    char text[CELL_BYTES];
    int fg, bg;
    bool bold, dim, underline, reverse;
};

/* Cells of width 0 have no look. */
void look_of_cell(struct look *out, const struct cell *c, const struct palette *p);

#endif
