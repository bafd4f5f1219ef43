/*
 * State → grid. Interface thread only.
 */
#ifndef TINSEQ_APP_DRAW_H
#define TINSEQ_APP_DRAW_H

#include "views/terminal/grid.h"

struct app;

/* What can be pressed is in the grid, which the state keeps borrowed until the next frame. */
void app_draw(struct grid *g, struct app *a);

#endif
