/* The help overlay: commands of a context with their keys and all that is said of them, under
 * headings, filtered as one types. Interface thread only. */
#ifndef TINSEQ_VIEWS_HELP_H
#define TINSEQ_VIEWS_HELP_H

#include "views/terminal/grid.h"
#include "views/widgets/command.h"
#include "views/widgets/edit.h"

#include <stdbool.h>
#include <stddef.h>

struct help {
    const struct command *commands; /* borrowed */
    size_t n_commands;
    uint32_t context;
    const char *title; /* borrowed: "Map" */
    struct edit filter;
    int top;        /* first row on the screen */
    int page, most; /* rows of a screen, and the last first row, as last drawn */
};

void help_open(struct help *h, const char *title, const struct command *commands, size_t n,
               uint32_t context);
void help_dispose(struct help *h);
/* False when the key closes the overlay (Esc; Esc first clears a filter; F1). */
bool help_key(struct help *h, int key);
/* Scrolls by rows. */
void help_move(struct help *h, int rows);
void help_draw(struct grid *g, struct area within, struct help *h);

#endif
