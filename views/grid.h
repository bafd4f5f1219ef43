/*
 * The cell buffer between views and the terminal. A view is a pure function from state to cells: no curses, no globals, no clock. screen.c puts a
 * finished grid on the terminal; tests compare grids cell by cell; the HTML picture in the README is made from one. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_GRID_H
#define TINSEQ_VIEWS_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a cell means; a theme gives it colours and attributes. */
/* clang-format off */
#define STYLE_ROLES(X)                                                                                   \
    X(TEXT) X(DIM) X(STRONG) X(TITLE) X(BORDER) X(BORDER_FOCUS) X(FIELD) X(FIELD_FOCUS) X(BUTTON)       \
    X(TAB) X(TAB_ACTIVE) X(CURSOR) X(MARK_A) X(MARK_B) X(MATCH) X(KEY) X(KEY_LABEL) X(STATUS) X(NOTICE) \
    X(WARNING) X(ERROR) X(PROGRESS) X(PROGRESS_REST) X(POSITIVE) X(NEGATIVE) X(SPECIAL_TOKEN) X(OVERLAY) X(HEAT)
/* clang-format on */
enum style_role {
#define X(name) STYLE_##name,
    STYLE_ROLES(X)
#undef X
    STYLE_COUNT
};

#define CELL_BYTES 20 /* one grapheme: a base character and up to four marks */

struct cell {
    char text[CELL_BYTES]; /* UTF-8, NUL-terminated; "" in the second half of a wide character */
    uint8_t width;         /* 1 or 2; 0 for the second half */
    uint8_t role;          /* enum style_role */
    bool reverse, underline, bold;
    float heat;            /* STYLE_HEAT: value in [−1, 1] for the colour map (0 … 1 for sequential maps); else unused */
};

struct grid {
    int rows, columns;
    struct cell *cells;                   /* [rows × columns] */
    int cursor_row, cursor_column;        /* where the hardware cursor rests; −1: hidden */
};

/* A rectangle of a grid; drawing is clipped to it. */
struct area { int row, column, rows, columns; };

void grid_init(struct grid *g, int rows, int columns);      /* all blanks in STYLE_TEXT */
void grid_dispose(struct grid *g);
void grid_clear(struct grid *g);
struct area grid_area(const struct grid *g);                /* the whole */
struct area area_inner(struct area a);                      /* without a one-cell border */

/* All text must be sanitised already (backend/base/text.h). Positions are relative to `a`. Text is cut at a's edge, never half a wide character.
 * Returns the columns used. */
int grid_put(struct grid *g, struct area a, int row, int column, enum style_role role, const char *utf8);
int grid_format(struct grid *g, struct area a, int row, int column, enum style_role role, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* The same, fitted to exactly `columns` (cut with '~', padded); right: aligned right. */
void grid_put_fit(struct grid *g, struct area a, int row, int column, int columns, enum style_role role, const char *utf8, bool right);
/* A heat cell: `columns` wide, text centred or right-aligned, all in the colour of `heat`. */
void grid_put_heat(struct grid *g, struct area a, int row, int column, int columns, float heat, const char *utf8);
void grid_fill(struct grid *g, struct area a, enum style_role role);
/* A border with a title in its top edge and an optional text right-aligned there. */
void grid_box(struct grid *g, struct area a, bool focus, const char *title, const char *right);
void grid_set_cursor(struct grid *g, struct area a, int row, int column);
/* Adds reverse / underline / bold to cells already drawn. */
void grid_mark(struct grid *g, struct area a, int row, int column, int columns, bool reverse, bool underline, bool bold);

#endif
