#include "views/terminal/paint.h"

#include <string.h>
#include <utf8proc.h>

#define WORTH_CLEARING 5 /* changed blanks at the end of a row */

static const struct look plain = {.text = " ", .fg = -1, .bg = -1};

/* Where the terminal is while a frame is made. */
struct pen {
    struct text_buffer *out;
    const struct paint *p;
    struct look look;
    int row, column; /* −1: not known */
    size_t sgr_end;  /* where the sequence ends that the next one may join; 0: none */
    bool plain_blank;
};

static void put(struct pen *pen, const char *sequence) {
    if (sequence)
        text_buffer_puts(pen->out, sequence);
}

/* ESC [ digits and semicolons m */
static bool is_sgr(const char *sequence) {
    return strncmp(sequence, "\033[", 2) == 0 &&
           strcmp(sequence + 2 + strspn(sequence + 2, "0123456789;"), "m") == 0;
}

/* What stands between ESC [ and m; those of one change become one sequence. */
static void put_parameters(struct pen *pen, const char *parameters, size_t n) {
    const bool joins = pen->sgr_end && pen->sgr_end == pen->out->n;
    if (joins)
        pen->out->text[pen->out->n - 1] = ';';
    else
        text_buffer_add(pen->out, "\033[", 2);
    text_buffer_add(pen->out, parameters, n);
    text_buffer_add(pen->out, "m", 1);
    pen->sgr_end = pen->out->n;
}

static void put_sgr(struct pen *pen, const char *sequence) {
    if (sequence && is_sgr(sequence))
        put_parameters(pen, sequence + 2, strlen(sequence) - 3);
    else
        put(pen, sequence);
}

static void go(struct pen *pen, int row, int column) {
    const int right = column - pen->column;
    if (pen->row == row && right == 0 && pen->column >= 0)
        return;
    if (pen->p->can->go)
        put(pen, pen->p->can->go(row, column));
    else if (pen->row == row && pen->column >= 0 && right == 1)
        put(pen, "\033[C");
    else if (pen->row == row && pen->column >= 0 && right > 1)
        text_buffer_format(pen->out, "\033[%dC", right);
    else if (row == 0 && column == 0)
        put(pen, "\033[H");
    else
        text_buffer_format(pen->out, "\033[%d;%dH", row + 1, column + 1);
    pen->row = row;
    pen->column = column;
}

static void be_normal(struct pen *pen) {
    put_sgr(pen, pen->p->can->normal);
    pen->look = plain;
}

static char *add_part(char *at, int part) {
    *at++ = ';';
    if (part >= 100)
        *at++ = (char)('0' + part / 100);
    if (part >= 10)
        *at++ = (char)('0' + part / 10 % 10);
    *at++ = (char)('0' + part % 10);
    return at;
}

/* Thousands a frame: printf would take half of its time. */
static void put_direct(struct pen *pen, int which, int rgb) {
    char parameters[20] = {which == 0 ? '3' : '4', '8', ';', '2'}, *at = parameters + 4;
    for (int shift = 16; shift >= 0; shift -= 8)
        at = add_part(at, rgb >> shift & 0xFF);
    put_parameters(pen, parameters, (size_t)(at - parameters));
}

static void put_colour(struct pen *pen, int which, int colour) {
    const struct capabilities *can = pen->p->can;
    if (colour < 0) {
        put_sgr(pen, which == 0 ? can->own_ink : can->own_paper);
    } else if (pen->p->palette->depth == COLOUR_DIRECT) {
        put_direct(pen, which, colour);
    } else {
        put_sgr(pen, can->colours[which][colour & 0xFF]);
    }
}

/* Something of what is on can only be switched off together with all. */
static bool needs_normal(const struct look *now, const struct look *next,
                         const struct capabilities *can) {
    return (now->bold && !next->bold) || (now->dim && !next->dim) ||
           (now->underline && !next->underline) || (now->reverse && !next->reverse) ||
           (now->fg >= 0 && next->fg < 0 && !can->own_ink) ||
           (now->bg >= 0 && next->bg < 0 && !can->own_paper);
}

static void look_like(struct pen *pen, const struct look *next) {
    const struct capabilities *can = pen->p->can;
    pen->sgr_end = 0;
    if (needs_normal(&pen->look, next, can))
        be_normal(pen);
    if (next->bold && !pen->look.bold)
        put_sgr(pen, can->bold);
    if (next->dim && !pen->look.dim)
        put_sgr(pen, can->dim);
    if (next->underline && !pen->look.underline)
        put_sgr(pen, can->underline);
    if (next->reverse && !pen->look.reverse)
        put_sgr(pen, can->reverse);
    if (next->fg != pen->look.fg)
        put_colour(pen, 0, next->fg);
    if (next->bg != pen->look.bg)
        put_colour(pen, 1, next->bg);
    pen->look = *next;
}

/* Attributes that this terminal shows as colours give way to colours. */
static void settle(struct look *look, const struct pen *pen) {
    const int not_with = look->fg >= 0 || look->bg >= 0 ? pen->p->can->not_with_colours : 0;
    look->bold = look->bold && !(not_with & CAPABILITY_BOLD);
    look->dim = look->dim && !(not_with & CAPABILITY_DIM);
    look->underline = look->underline && !(not_with & CAPABILITY_UNDERLINE);
    look->reverse = look->reverse && !(not_with & CAPABILITY_REVERSE);
}

/* Marks on it: terminals do not agree on where the cursor is then. */
static bool is_simple(const char *text) {
    utf8proc_int32_t point;
    const utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &point);
    return n > 0 && text[n] == 0;
}

static void put_cell(struct pen *pen, int row, int column, const struct cell *c) {
    struct look look;
    const bool last = column + c->width >= pen->p->columns;
    look_of_cell(&look, c, pen->p->palette);
    if (column + c->width > pen->p->columns) /* half of a wide character would be beyond the edge */
        strcpy(look.text, " ");
    settle(&look, pen);
    go(pen, row, column);
    look_like(pen, &look);
    put(pen, look.text);
    const bool known = !last && (is_simple(look.text) || strcmp(look.text, "??") == 0);
    pen->column = known ? column + c->width : -1;
}

static bool same_number(float a, float b) {
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool same_cell(const struct cell *a, const struct cell *b) {
    return a->width == b->width && a->role == b->role && a->reverse == b->reverse &&
           a->underline == b->underline && a->bold == b->bold && strcmp(a->text, b->text) == 0 &&
           (a->role != STYLE_HEAT ||
            (a->scale == b->scale && a->heat_kind == b->heat_kind &&
             same_number(a->heat, b->heat) && same_number(a->lower, b->lower)));
}

/* As the terminal is where nothing was ever put. */
static bool is_empty(const struct pen *pen, const struct cell *c) {
    return pen->plain_blank && c->role == STYLE_TEXT && strcmp(c->text, " ") == 0 && !c->reverse &&
           !c->underline;
}

static bool differs(const struct pen *pen, const struct cell *c, const struct cell *old) {
    return old ? !same_cell(c, old) : !is_empty(pen, c);
}

/* The first column from which on nothing stands in the row. */
static int row_end(const struct pen *pen, const struct grid *g, int row) {
    int end = g->columns < pen->p->columns ? g->columns : pen->p->columns;
    while (end > 0 && is_empty(pen, grid_at(g, row, end - 1)))
        end--;
    return end;
}

static void put_row(struct pen *pen, const struct grid *g, const struct grid *shown, int row) {
    const struct paint *p = pen->p;
    const int columns = g->columns < p->columns ? g->columns : p->columns,
              end = p->can->clear_line && shown ? row_end(pen, g, row) : columns;
    int rest = 0; /* changed cells behind the end */
    for (int column = end; column < columns; column++)
        rest += !same_cell(grid_at(g, row, column), grid_at(shown, row, column));
    const bool clears = rest >= WORTH_CLEARING;
    for (int column = 0; column < (clears ? end : columns); column++) {
        const struct cell *c = grid_at(g, row, column);
        const bool scrolls = !p->can->keeps_last && row == p->rows - 1 && column == p->columns - 1;
        if (c->width > 0 && !scrolls && differs(pen, c, shown ? grid_at(shown, row, column) : NULL))
            put_cell(pen, row, column, c);
    }
    if (!clears)
        return;
    go(pen, row, end);
    look_like(pen, &plain);
    put(pen, p->can->clear_line);
}

static void put_cursor(struct pen *pen, struct paint *p, const struct grid *g) {
    const bool visible = g->cursor_row >= 0 && g->cursor_row < p->rows && g->cursor_column >= 0 &&
                         g->cursor_column < p->columns;
    if (visible)
        go(pen, g->cursor_row, g->cursor_column);
    if (p->cursor_shown != visible)
        put(pen, visible ? p->can->show_cursor : p->can->hide_cursor);
    p->cursor_shown = visible;
}

void paint_grid(struct text_buffer *out, struct paint *p, const struct grid *g,
                const struct grid *shown) {
    struct pen pen = {.out = out, .p = p, .look = plain, .row = -1, .column = -1};
    const struct cell blank = {.text = " ", .width = 1, .role = STYLE_TEXT};
    struct look of_blank;
    look_of_cell(&of_blank, &blank, p->palette);
    pen.plain_blank = of_blank.bg < 0 && !of_blank.reverse && !of_blank.underline;
    if (!shown) {
        be_normal(&pen);
        put(&pen, p->can->clear);
    }
    for (int row = 0; row < g->rows && row < p->rows; row++)
        put_row(&pen, g, shown, row);
    look_like(&pen, &plain);
    put_cursor(&pen, p, g);
}
