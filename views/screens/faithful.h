/*
 * How faithful scores are, drawn: the verdict, both curves beside random orders, and the numbers as
 * lines to read. Pure. Interface thread, or the main thread of a command.
 */
#ifndef TINSEQ_VIEWS_FAITHFUL_H
#define TINSEQ_VIEWS_FAITHFUL_H

#include "methods/result/curves.h"
#include "views/terminal/grid.h"

/* Rows that the picture takes of at most so many; 0: there is no room for one. */
int faithful_rows(int rows);
void faithful_draw(struct grid *g, struct area a, const struct curves *c);
/* The numbers behind it; owned by the caller. */
char *faithful_lines(const struct curves *c);

#endif
