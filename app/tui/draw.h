/*
 * State → grid. Interface thread only.
 */
#ifndef TINSEQ_APP_DRAW_H
#define TINSEQ_APP_DRAW_H

#include "app/tui/contexts.h"
#include "views/terminal/grid.h"
#include "views/widgets/frame.h"

struct app;

/* The frame with the texts that it refers to. */
struct app_frame {
    struct frame frame;
    char title[1024], right[96], job[64], hints[128], labels[VIEW_TABS][24];
    const char *tabs[VIEW_TABS];
};

void app_frame(struct app_frame *f, const struct app *a);
void app_draw(struct grid *g, struct app *a);

#endif
