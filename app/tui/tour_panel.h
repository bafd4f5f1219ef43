/*
 * The tour's panel, below whatever view is in front: what the step is about, then what to look at.
 * Interface thread only.
 */
#ifndef TINSEQ_APP_TOUR_PANEL_H
#define TINSEQ_APP_TOUR_PANEL_H

#include "views/terminal/grid.h"

struct app;

/* Takes its rows from the body's end; rows 0: nobody is on the tour. */
struct area tour_panel_take(struct area *body, const struct app *a);
void tour_panel_draw(struct grid *g, struct area panel, const struct app *a);

#endif
