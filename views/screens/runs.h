/*
 * The list of runs: a table with as many of its columns as the width has room for. Pure. Interface
 * thread only.
 */
#ifndef TINSEQ_VIEWS_RUNS_H
#define TINSEQ_VIEWS_RUNS_H

#include "views/terminal/grid.h"

#include <stddef.h>
#include <stdint.h>

/* RUN_COLUMN(ID, heading, name, least, most columns of the screen): from left to right. What they
 * do not need is the text's. */
/* clang-format off */
#define RUN_COLUMN_LIST(X) \
    X(NUMBER,    "#",        "number",              3,  4) \
    X(DATE,      "date",     "date",                6, 16) \
    X(NAME,      "name",     "name",               10, 24) \
    X(METHOD,    "method",   "method",             14, 24) \
    X(MODEL,     "model",    "model",               8, 18) \
    X(TEXT,      "text",     "text",               18, 18) \
    X(CONTRAST,  "contrast", "contrast",            8, 16) \
    X(ROWS,      "rows",     "rows",                4,  5) \
    X(GENERATED, "gen",      "generated tokens",    4,  6) \
    X(STATUS,    "status",   "status",              9,  9) \
    X(TIME,      "time",     "how long it took",    5,  6)
/* clang-format on */
enum run_column {
#define X(ID, heading, name, least, most) RUN_COLUMN_##ID,
    RUN_COLUMN_LIST(X)
#undef X
        RUN_COLUMNS
};

/* One line; strings borrowed and sanitised. */
struct run_line {
    int64_t number;
    char mark;        /* 'A', 'B' … or 0 */
    const char *name; /* given by the person, "" if none */
    const char *method, *model, *contrast, *status, *prompt;
    const char *span;          /* that is its target: "6:9"; NULL or "" if none */
    int64_t started;           /* seconds since 1970; 0: not known */
    int64_t n_rows, n_columns; /* 0: not known */
    double seconds;            /* negative: not known */
    enum style_role role;      /* of the status */
};

struct runs_view {
    /* Fills in the i-th line, whose strings are valid until the next call. */
    void (*line)(void *user, size_t i, struct run_line *out);
    void *user;
    const char *none;            /* what to do while there are none; NULL: nothing is said */
    bool any_name, any_contrast; /* of some line: the column is there */
    enum run_column sort;
    bool reversed;
    int64_t now; /* which dates are today's */
    size_t n, cursor, top;
};

/* "date": what a column is called in full. */
const char *run_column_name(enum run_column column);
/* Its lines can be pressed (HIT_ROW), and its headings (HIT_SORT: the column). */
void runs_draw(struct grid *g, struct area a, struct runs_view *v);

#endif
