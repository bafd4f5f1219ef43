/*
 * The list of runs. Pure. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_RUNS_H
#define TINSEQ_VIEWS_RUNS_H

#include "views/terminal/grid.h"

#include <stddef.h>
#include <stdint.h>

/* One line; strings borrowed and sanitised. */
struct run_line {
    int64_t number;
    char mark;        /* 'A', 'B' or 0 */
    const char *name; /* given by the person, "" if none */
    const char *method, *model, *contrast, *status, *prompt;
    const char *span;          /* that is its target: "6:9"; NULL or "" if none */
    const char *when;          /* "21 Nov 07:31" */
    int64_t n_rows, n_columns; /* 0: not known */
    double seconds;            /* negative: not known */
    enum style_role role;      /* of the status */
};

struct runs_view {
    const struct run_line *lines;
    const char *none; /* what to do while there are no runs; NULL: nothing is said */
    size_t n, cursor, top;
};

/* Its lines can be pressed (HIT_ROW). */
void runs_draw(struct grid *g, struct area a, struct runs_view *v);

#endif
