/*
 * Running text wrapped at blanks. Pure. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_PARAGRAPH_H
#define TINSEQ_VIEWS_PARAGRAPH_H

#include "views/terminal/grid.h"

/* Draws sanitised text from the area's first row on; what does not fit is left out. Returns the
 * rows used. */
int paragraph_draw(struct grid *g, struct area a, enum style_role role, const char *utf8);

/* Rows that it takes at this width. */
int paragraph_rows(int columns, const char *utf8);
/* Where its last `rows` rows begin. Borrowed from the text. */
const char *paragraph_tail(int columns, int rows, const char *utf8);

#endif
