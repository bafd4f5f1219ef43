/*
 * What a context attribution found, in the rows and columns that are shown now, and as a line for a
 * person. Interface thread only.
 */
#ifndef TINSEQ_APP_CONTEXT_SHOWN_H
#define TINSEQ_APP_CONTEXT_SHOWN_H

#include "views/screens/context_view.h"
#include "views/widgets/parts.h"

struct app;

/* Brings the marks of map and text up to date with what is shown. NULL: the current run is of no
 * context. Borrowed until something else is shown. */
const struct context_view *app_show_context(struct app *a);
/* Of the column under the cursor: how much the context changes it and into what, and its strongest
 * cue. */
void app_context_state(struct parts *p, const struct app *a);
/* What the marks mean, and the keys; owned by the caller. */
char *app_context_legend(int columns);

#endif
