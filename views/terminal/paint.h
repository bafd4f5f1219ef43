/*
 * A grid as the bytes that show it: only cells that differ from what is shown, moves as short as
 * they can be, colours and attributes that change in one sequence. Pure; knows no terminal but what
 * it is told. Interface thread only.
 *
 * A frame, measured against ncurses with an entry patched for direct colours (bench_blit: the mean
 * of 200 frames; bytes, ms of processor time; direct colours, 256 are alike):
 *
 *                            ncurses           here
 *     80x24   all cells      33954   .80       33401   .21
 *             map             7373   .26        5974   .10
 *             cursor            86   .021         75   .015
 *             a column         824   .088        703   .028
 *     200x60  all cells     211560  4.91      208136  1.22
 *             map            50965  1.80       41126   .68
 *             cursor            82   .085         73   .084
 *             a column        2013   .31        1740   .15
 */
#ifndef TINSEQ_VIEWS_PAINT_H
#define TINSEQ_VIEWS_PAINT_H

#include "backend/base/mem.h"
#include "views/terminal/capabilities.h"
#include "views/terminal/look.h"

struct paint {
    const struct capabilities *can;
    const struct palette *palette;
    int rows, columns; /* of the terminal; more of a grid is not shown */
    int cursor_shown;  /* −1: not known */
};

/* Adds the frame's bytes. shown: the grid painted last, NULL: what is shown is unknown, so all is
 * cleared first. The terminal is left with no attributes and the cursor where the grid has it. */
void paint_grid(struct text_buffer *out, struct paint *p, const struct grid *g,
                const struct grid *shown);

#endif
