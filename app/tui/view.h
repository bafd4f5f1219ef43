/*
 * A view: what it draws, and what keys, mouse and commands mean in it. One file of app/tui/views/
 * and one line of views.def each. Interface thread only.
 */
#ifndef TINSEQ_APP_VIEW_H
#define TINSEQ_APP_VIEW_H

#include "app/tui/contexts.h"
#include "views/terminal/grid.h"
#include "views/terminal/hits.h"
#include "views/terminal/input.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct app;

/* A search, step by step; the text is that of SEARCH_FIND. */
enum search_step {
    SEARCH_COUNT,
    SEARCH_BEGIN,
    SEARCH_FIND,
    SEARCH_NEXT,
    SEARCH_PREVIOUS,
    SEARCH_LEAVE
};
struct search_found {
    size_t n, all;    /* rows that match, of all */
    const char *text; /* what is looked for, NULL: nothing; borrowed until the next step */
};

/* A slot may be NULL, but title, hints and draw. */
struct view_ops {
    const char *title;                             /* of its tab and its help: "Map" */
    const char *hints;                             /* above the key bar where there is no message */
    const char *(*hints_now)(const struct app *a); /* others in some state; NULL: the usual */
    bool result;                                   /* it shows the current run's result */
    void (*enter)(struct app *a);                  /* it comes to the front */
    void (*draw)(struct grid *g, struct area body, struct app *a);
    /* By rows and columns of cells; the sign is the direction. */
    void (*move)(struct app *a, long rows, long columns);
    /* Cells of one screen; NULL: the body's rows but two, one column. */
    void (*page)(const struct app *a, struct area body, int *rows, int *columns);
    /* Takes a key before the commands do; false: it is not for the view. */
    bool (*key)(struct app *a, int key);
    /* A press, a drag over cells or a double click on what was drawn; false: it is nothing that
     * Enter, which a double click stands for, could open. */
    bool (*press)(struct app *a, const struct hit *hit, const struct input_mouse *m);
    /* The wheel over what was drawn; NULL: it moves. */
    void (*wheel)(struct app *a, const struct hit *hit, long rows, long columns);
    struct search_found (*search)(struct app *a, enum search_step step, const char *text);
    const char *filters; /* "runs": what the search leaves alone to be seen; NULL: it leaves all */
    const char *sought;  /* what is typed there: "part of a token" */
    /* What is under the cursor, or its whole column, as text of the caller's; NULL: nothing. */
    char *(*copy)(const struct app *a, bool column);
    bool (*back)(struct app *a); /* gives up what is going on in it; false: nothing is */
    enum app_view back_to;       /* where it leads back to then */
};

#define TAB(ID, key, title, ops) extern const struct view_ops ops;
#define VIEW(ID, ops) extern const struct view_ops ops;
#include "app/tui/views.def"
#undef TAB
#undef VIEW

#endif
