#include "views/screens/map_marks.h"

#include "backend/base/text.h"
#include "views/screens/map_lines.h"
#include "views/screens/map_number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void map_put_glyph(struct grid *grid, struct area a, int row, int column, const char *glyph) {
    struct cell *c = grid_at(grid, a.row + row, a.column + column);
    if (!c || row < 0 || row >= a.rows || column < 0 || column >= a.columns)
        return;
    strcpy(c->text, glyph);
    c->width = 1;
    c->heat_kind = HEAT_TEXT; /* no shade in its place where there are no colours */
}

/* Brackets around the cursor's cell, or reversed where there is no room for them. */
void map_draw_cursor(struct grid *grid, struct area a, const struct map *m,
                     const struct map_geometry *y) {
    const int r = (int)m->row - (int)m->top, c = (int)(m->column - m->left);
    if (r < 0 || r >= y->n_rows || c < 0 || c >= y->n_columns)
        return;
    const int row = y->header + r, at = map_column_at(y, c), wide = map_column_wide(y, c);
    const bool brackets = y->cell >= 3;
    if (brackets && at + wide <= a.columns) {
        map_put_glyph(grid, a, row, at, "[");
        map_put_glyph(grid, a, row, at + wide - 1, "]");
    }
    grid_mark(grid, a, row, at, wide, !brackets, false, brackets);
    grid_set_cursor(grid, a, row, at + brackets);
}

static bool between(int64_t at, int64_t x, int64_t y) {
    return (at >= x && at <= y) || (at >= y && at <= x);
}

static bool selected_column(const struct map *m, int64_t g) {
    return m->selecting && g < m->n_columns && between(g, m->anchor_column, m->column);
}

static bool selected_row(const struct map *m, size_t shown_row) {
    return m->selecting && between((int64_t)shown_row, (int64_t)m->anchor_row, (int64_t)m->row);
}

/* The head reversed, a line at either side from top to bottom, the rows of the range underlined. A
 * cell without room for a line is underlined in every row. */
static void mark_selected(struct grid *grid, struct area a, const struct map *m,
                          const struct map_geometry *y, int c) {
    const int64_t g = m->left + c;
    const int at = map_column_at(y, c), wide = map_column_wide(y, c),
              end = y->scores_row + y->n_scores;
    const bool lines = y->cell >= MAP_NUMBER_CELL;
    for (int row = 0; row < y->header; row++)
        grid_mark(grid, a, row, at, wide, true, false, false);
    for (int row = y->header; row < end; row++) {
        const bool chosen =
            row < y->scores_row && selected_row(m, m->top + (size_t)(row - y->header));
        grid_mark(grid, a, row, at, wide, false, chosen || !lines, chosen);
        if (lines && !selected_column(m, g - 1))
            map_put_glyph(grid, a, row, at, "│");
        if (lines && !selected_column(m, g + 1))
            map_put_glyph(grid, a, row, at + wide - 1, "│");
    }
}

void map_draw_selection(struct grid *grid, struct area a, const struct map *m,
                        const struct map_geometry *y) {
    for (int c = 0; c < y->n_columns && m->selecting; c++)
        if (selected_column(m, m->left + c))
            mark_selected(grid, a, m, y, c);
    for (int r = 0; r < y->n_rows; r++)
        if (selected_row(m, m->top + (size_t)r))
            grid_mark(grid, a, y->header + r, 2, y->label - 3, false, true, false);
}

/* --- folds ------------------------------------------------------------------------------- */

/* ".01" */
static void threshold_text(char *buf, size_t n, float below) {
    snprintf(buf, n, "%.2g", (double)below);
    if (buf[0] == '0' && buf[1] == '.')
        memmove(buf, buf + 1, strlen(buf));
}

void map_fold_text(char *buf, size_t n_buf, const struct map *m, size_t line, int columns) {
    static const char *const some[] = {" tokens below ", " below ", " < "},
                             *const none[] = {" tokens without a value", " without value",
                                              " no value"};
    const bool any =
        !isnan(map_line_value(m, line, m->sorted == MAP_ORDER_COLUMN ? m->sorted_column : -1));
    char below[32] = "";
    if (any)
        threshold_text(below, sizeof below, m->fold_below);
    for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
        snprintf(buf, n_buf, "%zu%s%s", m->lines[line].n, any ? some[i] : none[i], below);
        if (text_columns(buf) <= columns)
            break;
    }
}

static void draw_fold_label(struct grid *grid, struct area a, const struct map *m,
                            const struct map_geometry *y, int r) {
    const size_t line = m->top + (size_t)r;
    const bool here = line == m->row;
    const int row = y->header + r, room = y->label - 4;
    char text[96];
    map_fold_text(text, sizeof text, m, line, room);
    grid_put(grid, a, row, 0, here ? STYLE_CURSOR : STYLE_TEXT, here ? ">+" : " +");
    grid_put_fit(grid, a, row, 3, room, here ? STYLE_STRONG : STYLE_DIM, text, false);
}

/* What a fold's rows have in all, without a colour: colours are of single tokens. */
static void draw_fold_cell(struct grid *grid, struct area a, const struct map *m,
                           const struct map_geometry *y, int r, int c) {
    char number[32];
    const float value = map_line_value(m, m->top + (size_t)r, m->left + c);
    if (!m->numbers || y->cell < MAP_NUMBER_CELL || isnan(value))
        return;
    map_number(number, sizeof number, value, y->cell - 2, map_is_signed(m));
    grid_put(grid, a, y->header + r, map_column_at(y, c) + 1, STYLE_DIM, number);
}

void map_draw_fold(struct grid *grid, struct area a, const struct map *m,
                   const struct map_geometry *y, int r) {
    draw_fold_label(grid, a, m, y, r);
    for (int c = 0; c < y->n_columns && m->left + c < m->n_columns; c++)
        draw_fold_cell(grid, a, m, y, r, c);
}

/* --- a context --------------------------------------------------------------------------- */

void map_draw_row_mark(struct grid *grid, struct area a, const struct map *m, int at_row,
                       const struct map_row *row) {
    const char *mark = context_view_mark(m->context, m->column, row->target, row->index);
    if (row->marked)
        grid_put(grid, a, at_row, 1, STYLE_MARK_A, "*");
    else if (mark)
        grid_put(grid, a, at_row, 1, strcmp(mark, CONTEXT_CUE) == 0 ? STYLE_MARK_A : STYLE_DIM,
                 mark);
}

void map_draw_changed(struct grid *grid, struct area a, const struct map *m,
                      const struct map_geometry *y, int c) {
    const struct context_token *t = context_view_token(m->context, m->left + c);
    const int at = map_column_at(y, c) + (y->cell >= MAP_NUMBER_CELL);
    if (!t)
        return;
    if (y->cell >= MAP_NUMBER_CELL)
        grid_format(grid, a, y->header - 1, at, STYLE_MARK_B, CONTEXT_CHANGED "%zu", t->rank);
    else
        grid_put(grid, a, y->header - 1, at, STYLE_MARK_B, CONTEXT_CHANGED);
}
