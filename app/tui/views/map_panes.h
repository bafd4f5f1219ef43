/*
 * What surrounds the map: the form, the run in two lines, the detail, the text, what to do while
 * there is no map. Each leaves the cursor where it was. Interface thread only.
 */
#ifndef TINSEQ_APP_MAP_PANES_H
#define TINSEQ_APP_MAP_PANES_H

#include "views/terminal/grid.h"
#include "views/widgets/parts.h"

struct app;
struct app_layout;

/* A line across, or a border, with a title of parts, which it fits to its room. */
void pane_rule(struct grid *g, struct area row, bool focus, struct parts *title);
void pane_box(struct grid *g, struct area box, bool focus, struct parts *title);
/* The run's prompt, method, span and contrast, in two rows. */
void pane_summary(struct grid *g, struct area area, const struct app *a);
/* In place of the map: what the run does, why it failed, or what to do. */
void pane_waiting(struct grid *g, struct area area, const struct app *a);
void pane_detail(struct grid *g, const struct app_layout *l, const struct app *a);
/* Of a context attribution: the column under the cursor in a line, and what marks mean. */
void pane_context(struct grid *g, struct area area, const struct app *a);
void pane_text(struct grid *g, struct area area, struct app *a);
void pane_form(struct grid *g, struct area area, struct app *a);

#endif
