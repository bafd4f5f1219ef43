/*
 * What surrounds every view: the title, the tabs, the line for messages and progress, and the
 * function-key bar. Pure. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_FRAME_H
#define TINSEQ_VIEWS_FRAME_H

#include "views/terminal/grid.h"
#include "views/widgets/command.h"

#include <stdbool.h>
#include <stddef.h>

struct frame {
    const char *title, *title_right; /* first row */
    const char *const *tabs;         /* second row: "1 Map" … */
    size_t n_tabs, i_tab;            /* i_tab ≥ n_tabs: none is active */
    const char *job;                 /* at the right of the tabs: "attributing 7/10" */
    const char *stop;                /* behind it where there is room: the key that ends it */
    const char *message;             /* above the key bar */
    enum style_role message_role;
    double progress;                /* [0, 1] drawn before the message; negative: none */
    const char *hints;              /* shown where there is no message */
    const struct command *commands; /* those with a bar label and a function key make the bar */
    size_t n_commands;
    uint32_t context; /* where the keys go: commands that work elsewhere are dimmed */
};

/* Draws it (tabs and keys can be pressed: HIT_TAB, HIT_KEY) and returns what is left for the view.
 */
struct area frame_draw(struct grid *g, const struct frame *f);
/* What is left, without drawing. */
struct area frame_body(const struct grid *g);

#endif
