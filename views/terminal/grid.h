/*
 * The cell buffer between views and the terminal. A view is a pure function from state to cells: no
 * curses, no globals, no clock. screen.c puts a finished grid on the terminal; tests compare grids
 * cell by cell; the HTML picture in the README is made from one. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_GRID_H
#define TINSEQ_VIEWS_GRID_H

#include "themes/roles.h"
#include "views/terminal/hits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CELL_BYTES 20 /* one grapheme: a base character and up to four marks */

enum heat_scale { HEAT_SIGNED, HEAT_UNSIGNED }; /* the diverging or the sequential map */
/* What may stand in for colour where there is little of it: a shade glyph in a blank cell and,
 * without any colour, in the blanks of a text, but not behind it (HEAT_END). */
enum heat_kind { HEAT_TEXT, HEAT_END, HEAT_BLANK, HEAT_HALF };

struct cell {
    char text[CELL_BYTES]; /* UTF-8, NUL-terminated; "" in the second half of a wide character */
    uint8_t width;         /* 1 or 2; 0 for the second half */
    uint8_t role;          /* enum style_role */
    bool reverse, underline, bold;
    /* STYLE_HEAT only: the value that the colour map turns into the background, NaN for none. */
    uint8_t scale;     /* enum heat_scale */
    uint8_t heat_kind; /* enum heat_kind */
    float heat;        /* [−1, 1] or [0, 1], by scale */
    float lower;       /* HEAT_HALF: the value of the lower half, heat being the upper one's */
};

struct grid {
    int rows, columns;
    struct cell *cells;            /* [rows × columns] */
    int cursor_row, cursor_column; /* where the hardware cursor rests; −1: hidden */
    struct hits hits;              /* what lies where, for the mouse */
};

void grid_init(struct grid *g, int rows, int columns); /* all blanks in STYLE_TEXT */
void grid_dispose(struct grid *g);
void grid_clear(struct grid *g);
struct area grid_area(const struct grid *g); /* the whole */

/* All text must be sanitised already (backend/base/text.h). Positions are relative to `a`. Text is
 * cut at a's edge, never half a wide character. A mark in it makes what follows pressable, up to
 * two blanks or the next mark. Returns the columns used. */
int grid_put(struct grid *g, struct area a, int row, int column, enum style_role role,
             const char *utf8);
int grid_format(struct grid *g, struct area a, int row, int column, enum style_role role,
                const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The same, fitted to exactly `columns` (cut with '~', padded); right: aligned right. */
void grid_put_fit(struct grid *g, struct area a, int row, int column, int columns,
                  enum style_role role, const char *utf8, bool right);
/* A heat cell: `columns` wide, text right-aligned (cut if longer), all in the colour of `heat`:
 * signed, [−1, 1], diverging map. NaN: no colour. */
void grid_put_heat(struct grid *g, struct area a, int row, int column, int columns, float heat,
                   const char *utf8);
/* The same for an unsigned value, [0, 1], in the sequential map. */
void grid_put_magnitude(struct grid *g, struct area a, int row, int column, int columns, float heat,
                        const char *utf8);
/* The same, the text left-aligned: running text coloured by value. */
void grid_put_heat_text(struct grid *g, struct area a, int row, int column, int columns,
                        enum heat_scale scale, float heat, const char *utf8);
/* Two values in one column of one row, the upper and the lower half (overviews). */
void grid_put_half(struct grid *g, struct area a, int row, int column, enum heat_scale scale,
                   float upper, float lower);
void grid_fill(struct grid *g, struct area a, enum style_role role);
/* An overlay's box: blank, and nothing below it can be pressed (HIT_BOX). */
void grid_cover(struct grid *g, struct area a);
/* A border with a title in its top edge and an optional text right-aligned there. */
void grid_box(struct grid *g, struct area a, bool focus, const char *title, const char *right);
void grid_set_cursor(struct grid *g, struct area a, int row, int column);
/* Adds reverse / underline / bold to cells already drawn. */
void grid_mark(struct grid *g, struct area a, int row, int column, int columns, bool reverse,
               bool underline, bool bold);

/* Cell at a row and column of the grid, NULL outside. Borrowed. */
struct cell *grid_at(const struct grid *g, int row, int column);
/* The text of one row without trailing blanks, or of all rows with a newline after each; owned by
 * the caller. */
char *grid_row_text(const struct grid *g, int row);
char *grid_text(const struct grid *g);

/* A screen smaller than this shows one line that says so and nothing else. */
#define GRID_LEAST_COLUMNS 60
#define GRID_LEAST_ROWS 16
/* True, and that line drawn, when the grid is too small for the program's screens. */
bool grid_too_small(struct grid *g);

/* One grapheme of UTF-8 at *at (advanced past it): its bytes in `text`, its columns returned (1 or
 * 2); 0 at the end. */
int grid_next_glyph(char text[CELL_BYTES], const char **at);

#endif
