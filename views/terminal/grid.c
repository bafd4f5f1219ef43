#include "views/terminal/grid.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include <wchar.h>

static const struct cell blank = {
    .text = " ", .width = 1, .role = STYLE_TEXT, .heat = NAN, .lower = NAN};

void grid_init(struct grid *g, int rows, int columns) {
    *g = (struct grid){.rows = rows > 0 ? rows : 0, .columns = columns > 0 ? columns : 0};
    g->cells = mem_alloc((size_t)g->rows * (size_t)g->columns * sizeof *g->cells);
    grid_clear(g);
}

void grid_dispose(struct grid *g) {
    free(g->cells);
    hits_dispose(&g->hits);
    *g = (struct grid){.cursor_row = -1, .cursor_column = -1};
}

void grid_clear(struct grid *g) {
    for (int i = 0; i < g->rows * g->columns; i++)
        g->cells[i] = blank;
    hits_forget(&g->hits);
    g->cursor_row = g->cursor_column = -1;
}

struct area grid_area(const struct grid *g) {
    return (struct area){0, 0, g->rows, g->columns};
}

struct cell *grid_at(const struct grid *g, int row, int column) {
    if (row < 0 || column < 0 || row >= g->rows || column >= g->columns)
        return NULL;
    return &g->cells[(size_t)row * (size_t)g->columns + (size_t)column];
}

/* Columns of one code point as ncurses will lay it out. wcwidth knows nothing in the C locale;
 * utf8proc does. */
static int code_point_columns(utf8proc_int32_t c) {
    int n = wcwidth((wchar_t)c);
    return n >= 0 || c < 0x80 ? n : utf8proc_charwidth(c);
}

/* A glyph is one spacing code point and the non-spacing ones after it, which is what one cell of
 * ncurses holds (a grapheme with two spacing code points takes two cells there, and so here). */
int grid_next_glyph(char text[CELL_BYTES], const char **at) {
    const char *s = *at + text_mark(*at, NULL);
    size_t n = 0;
    int columns = 0;
    while (*s) {
        utf8proc_int32_t c;
        utf8proc_ssize_t bytes = utf8proc_iterate((const utf8proc_uint8_t *)s, -1, &c);
        if (bytes < 1) { /* no valid UTF-8: sanitised text never has it */
            c = -1;
            bytes = 1;
        }
        int wide = c < 0 ? -1 : code_point_columns(c);
        if (columns > 0 && wide != 0)
            break;
        s += bytes;
        if (wide < 0 || (columns == 0 && wide == 0)) {
            text[n++] = '?';
            columns = 1;
        } else if (n + (size_t)bytes <
                   CELL_BYTES) { /* more than four marks: the rest is not shown, as in ncurses */
            memcpy(text + n, s - bytes, (size_t)bytes);
            n += (size_t)bytes;
            columns += wide;
        }
    }
    text[n] = '\0';
    *at = s;
    return columns;
}

/* A cell is about to be overwritten: the other half of a wide character there becomes a blank. */
static void split_wide(struct grid *g, int row, int column) {
    struct cell *c = grid_at(g, row, column);
    if (!c)
        return;
    struct cell *other = NULL;
    if (c->width != 1)
        other = grid_at(g, row, c->width == 2 ? column + 1 : column - 1);
    if (other) {
        memcpy(other->text, " ", 2);
        other->width = 1;
    }
}

/* Writes one glyph in the look of `like`; positions are the grid's own. False when it does not fit
 * into columns [column, end). */
static bool put_glyph(struct grid *g, int row, int column, int end, const char *text, int wide,
                      const struct cell *like) {
    struct cell *c = grid_at(g, row, column);
    if (!c || column + wide > end || (wide == 2 && !grid_at(g, row, column + 1)))
        return false;
    for (int i = 0; i < wide; i++)
        split_wide(g, row, column + i);
    *c = *like;
    memcpy(c->text, text, CELL_BYTES);
    c->width = (uint8_t)wide;
    if (wide == 2) {
        c[1] = *like;
        c[1].text[0] = '\0';
        c[1].width = 0;
    }
    return true;
}

/* The mark that is being drawn: from a column on, what it says. */
struct marked {
    int from, value; /* −1: none */
};

static void end_mark(struct grid *g, struct area a, int row, struct marked *m, int end) {
    if (m->from >= 0)
        hit_add(&g->hits, a, (struct area){row, m->from, 1, end - m->from},
                (struct hit){HIT_KEY, m->value, 0});
    m->from = -1;
}

/* What stands at a column may begin a mark, or end the one before. */
static void see_mark(struct grid *g, struct area a, int row, struct marked *m, const char *utf8,
                     int column) {
    int value;
    const bool begins = text_mark(utf8, &value) > 0;
    if (begins || strncmp(utf8, "  ", 2) == 0)
        end_mark(g, a, row, m, column);
    if (begins)
        *m = (struct marked){column, value};
}

/* Puts text into [column, column + columns) of a row of `a`, clipped to it; returns the columns
 * used. */
static int put_text(struct grid *g, struct area a, int row, int column, int columns,
                    const struct cell *like, const char *utf8) {
    if (row < 0 || row >= a.rows)
        return 0;
    int end = column + columns < a.columns ? column + columns : a.columns;
    int used = 0;
    char text[CELL_BYTES];
    struct marked marked = {.from = -1};
    while (*utf8) {
        see_mark(g, a, row, &marked, utf8, column + used);
        const int wide = grid_next_glyph(text, &utf8);
        if (wide == 0 || (column + used >= 0 && !put_glyph(g, a.row + row, a.column + column + used,
                                                           a.column + end, text, wide, like)))
            break;
        used += wide;
    }
    end_mark(g, a, row, &marked, column + used);
    return used;
}

static struct cell role_cell(enum style_role role) {
    struct cell like = blank;
    like.role = (uint8_t)role;
    return like;
}

int grid_put(struct grid *g, struct area a, int row, int column, enum style_role role,
             const char *utf8) {
    struct cell like = role_cell(role);
    return put_text(g, a, row, column, a.columns - column, &like, utf8);
}

int grid_format(struct grid *g, struct area a, int row, int column, enum style_role role,
                const char *format, ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return grid_put(g, a, row, column, role, text);
}

static int text_width(const char *utf8) {
    char text[CELL_BYTES];
    int sum = 0;
    for (int wide; (wide = grid_next_glyph(text, &utf8)) > 0;)
        sum += wide;
    return sum;
}

static void put_fitted(struct grid *g, struct area a, int row, int column, int columns,
                       const struct cell *like, const char *utf8, bool right) {
    int wide = text_width(utf8), start = column;
    for (int i = 0; i < columns; i++)
        put_text(g, a, row, column + i, 1, like, " ");
    if (wide > columns) {
        int used = columns > 1 ? put_text(g, a, row, column, columns - 1, like, utf8) : 0;
        put_text(g, a, row, column + used, columns - used, like, "~");
        return;
    }
    if (right)
        start += columns - wide;
    put_text(g, a, row, start, columns - (start - column), like, utf8);
}

void grid_put_fit(struct grid *g, struct area a, int row, int column, int columns,
                  enum style_role role, const char *utf8, bool right) {
    struct cell like = role_cell(role);
    put_fitted(g, a, row, column, columns, &like, utf8, right);
}

static void put_heat(struct grid *g, struct area a, int row, int column, int columns,
                     enum heat_scale scale, float heat, const char *utf8, bool right) {
    struct cell like = role_cell(STYLE_HEAT);
    like.scale = (uint8_t)scale;
    like.heat = heat;
    like.heat_kind = utf8[strspn(utf8, " ")] ? HEAT_TEXT : HEAT_BLANK;
    put_fitted(g, a, row, column, columns, &like, utf8, right);
    for (int i = columns - 1; like.heat_kind == HEAT_TEXT && i > 0; i--) {
        struct cell *c = row >= 0 && row < a.rows && column + i < a.columns
                             ? grid_at(g, a.row + row, a.column + column + i)
                             : NULL;
        if (!c || strcmp(c->text, " ") != 0)
            break;
        c->heat_kind = HEAT_END;
    }
}

void grid_put_heat(struct grid *g, struct area a, int row, int column, int columns, float heat,
                   const char *utf8) {
    put_heat(g, a, row, column, columns, HEAT_SIGNED, heat, utf8, true);
}

void grid_put_magnitude(struct grid *g, struct area a, int row, int column, int columns, float heat,
                        const char *utf8) {
    put_heat(g, a, row, column, columns, HEAT_UNSIGNED, heat, utf8, true);
}

void grid_put_heat_text(struct grid *g, struct area a, int row, int column, int columns,
                        enum heat_scale scale, float heat, const char *utf8) {
    put_heat(g, a, row, column, columns, scale, heat, utf8, false);
    for (int i = column; i < column + columns; i++) { /* a blank between words is text, too */
        struct cell *c = row >= 0 && row < a.rows && i >= 0 && i < a.columns
                             ? grid_at(g, a.row + row, a.column + i)
                             : NULL;
        if (c)
            c->heat_kind = HEAT_TEXT;
    }
}

void grid_put_half(struct grid *g, struct area a, int row, int column, enum heat_scale scale,
                   float upper, float lower) {
    struct cell like = role_cell(STYLE_HEAT);
    like.scale = (uint8_t)scale;
    like.heat_kind = HEAT_HALF;
    like.heat = upper;
    like.lower = lower;
    put_text(g, a, row, column, 1, &like, "▀");
}

void grid_fill(struct grid *g, struct area a, enum style_role role) {
    struct cell like = role_cell(role);
    for (int row = 0; row < a.rows; row++)
        for (int column = 0; column < a.columns; column++)
            put_text(g, a, row, column, 1, &like, " ");
}

void grid_cover(struct grid *g, struct area a) {
    grid_fill(g, a, STYLE_OVERLAY);
    hit_add(&g->hits, a, (struct area){0, 0, a.rows, a.columns}, (struct hit){HIT_BOX, 0, 0});
}

/* Title and right text are set into the top edge; the right one goes first when there is no room
 * for both. */
static void box_titles(struct grid *g, struct area a, bool focus, const char *title,
                       const char *right) {
    int room = a.columns - 6;
    if (title && *title && room > 0) {
        int wide = text_width(title) < room ? text_width(title) : room;
        grid_put(g, a, 0, 2, STYLE_TITLE, " ");
        grid_put_fit(g, a, 0, 3, wide, focus ? STYLE_STRONG : STYLE_TITLE, title, false);
        grid_put(g, a, 0, 3 + wide, STYLE_TITLE, " ");
        room -= wide + 3;
    }
    int wide = right ? text_width(right) : 0;
    if (wide > 0 && wide <= room) {
        grid_put(g, a, 0, a.columns - wide - 4, STYLE_DIM, " ");
        grid_put(g, a, 0, a.columns - wide - 3, STYLE_DIM, right);
        grid_put(g, a, 0, a.columns - 3, STYLE_DIM, " ");
    }
}

void grid_box(struct grid *g, struct area a, bool focus, const char *title, const char *right) {
    enum style_role role = focus ? STYLE_BORDER_FOCUS : STYLE_BORDER;
    int bottom = a.rows - 1, last = a.columns - 1;
    if (a.rows < 2 || a.columns < 2)
        return;
    for (int column = 1; column < last; column++) {
        grid_put(g, a, 0, column, role, "─");
        grid_put(g, a, bottom, column, role, "─");
    }
    for (int row = 1; row < bottom; row++) {
        grid_put(g, a, row, 0, role, "│");
        grid_put(g, a, row, last, role, "│");
    }
    grid_put(g, a, 0, 0, role, "╭");
    grid_put(g, a, 0, last, role, "╮");
    grid_put(g, a, bottom, 0, role, "╰");
    grid_put(g, a, bottom, last, role, "╯");
    box_titles(g, a, focus, title, right);
}

void grid_set_cursor(struct grid *g, struct area a, int row, int column) {
    bool inside = row >= 0 && column >= 0 && row < a.rows && column < a.columns &&
                  grid_at(g, a.row + row, a.column + column);
    g->cursor_row = inside ? a.row + row : -1;
    g->cursor_column = inside ? a.column + column : -1;
}

void grid_mark(struct grid *g, struct area a, int row, int column, int columns, bool reverse,
               bool underline, bool bold) {
    for (int i = column; i < column + columns; i++) {
        struct cell *c = row >= 0 && row < a.rows && i >= 0 && i < a.columns
                             ? grid_at(g, a.row + row, a.column + i)
                             : NULL;
        if (!c)
            continue;
        c->reverse = c->reverse || reverse;
        c->underline = c->underline || underline;
        c->bold = c->bold || bold;
    }
}

char *grid_row_text(const struct grid *g, int row) {
    struct text_buffer b = {0};
    size_t end = 0;
    for (int column = 0; column < g->columns; column++) {
        const struct cell *c = grid_at(g, row, column);
        if (!c)
            break;
        text_buffer_puts(&b, c->text);
        if (strcmp(c->text, " ") != 0)
            end = b.n;
    }
    char *text = text_buffer_take(&b);
    text[end] = '\0';
    return text;
}

char *grid_text(const struct grid *g) {
    struct text_buffer b = {0};
    for (int row = 0; row < g->rows; row++) {
        char *line = grid_row_text(g, row);
        text_buffer_puts(&b, line);
        text_buffer_puts(&b, "\n");
        free(line);
    }
    return text_buffer_take(&b);
}

bool grid_too_small(struct grid *g) {
    if (g->rows >= GRID_LEAST_ROWS && g->columns >= GRID_LEAST_COLUMNS)
        return false;
    grid_clear(g);
    char text[64];
    bool brief = g->columns < 28;
    snprintf(text, sizeof text, brief ? "need %dx%d" : "need %dx%d, have %dx%d", GRID_LEAST_COLUMNS,
             GRID_LEAST_ROWS, g->columns, g->rows);
    grid_put(g, grid_area(g), 0, 0, STYLE_WARNING, text);
    return true;
}
