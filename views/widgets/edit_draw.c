/* Drawing of a text that is edited. */
#include "views/widgets/edit.h"

#include "views/terminal/hits.h"
#include "views/widgets/graphemes.h"

#include <stdlib.h>

/* What of [from, to) is in a row, from a column on. True: there is more than fits. */
static bool draw_row(struct grid *g, struct area a, int row, int column, const struct edit *e,
                     size_t from, size_t to, enum style_role role) {
    hit_add_each(&g->hits, a, (struct area){row, column, 1, a.columns - column},
                 (struct hit){HIT_EDIT, (int64_t)from, 0}, 0, 1);
    for (size_t next; from < to && column < a.columns && gap_text_at(e->text, from) != '\n';
         from = next) {
        next = grapheme_next(e->text, from);
        char *shown = grapheme_shown(e->text, from, next);
        grid_put(g, a, row, column, role, shown);
        column += grapheme_columns(e->text, from, next);
        free(shown);
    }
    return column > a.columns || (from < to && gap_text_at(e->text, from) != '\n');
}

void edit_press(struct edit *e, size_t from, int64_t columns) {
    const size_t end = edit_bytes(e);
    while (from < end && gap_text_at(e->text, from) != '\n') {
        const size_t next = grapheme_next(e->text, from);
        columns -= grapheme_columns(e->text, from, next);
        if (columns < 0)
            break;
        from = next;
    }
    e->cursor = from < end ? from : end;
    e->selected = false;
}

/* The first row that is drawn: the cursor's is the last where they do not all fit. */
static int top_row(const struct edit *e, struct area a, bool focus) {
    const int row = (int)text_rows_find(e->rows, e->text, a.columns, e->cursor);
    return focus && row >= a.rows ? row + 1 - a.rows : 0;
}

struct edit_hidden edit_hidden(const struct edit *e, struct area a, bool focus) {
    if (!e->text || !e->lines || a.rows < 1)
        return (struct edit_hidden){false, false};
    const int end = top_row(e, a, focus) + a.rows;
    return (struct edit_hidden){end > a.rows, edit_rows(e, a.columns, end + 1) > end};
}

static void draw_lines(struct grid *g, struct area a, const struct edit *e, enum style_role role,
                       bool focus) {
    size_t from, to;
    const int row = (int)text_rows_find(e->rows, e->text, a.columns, e->cursor),
              top = top_row(e, a, focus), n = edit_rows(e, a.columns, top + a.rows);
    for (int r = top; r < n; r++) {
        text_rows_bytes(&from, &to, e->rows, e->text, (size_t)r);
        draw_row(g, a, r - top, 0, e, from, to, role);
    }
    text_rows_bytes(&from, &to, e->rows, e->text, (size_t)row);
    if (focus)
        grid_set_cursor(g, a, row - top, grapheme_columns_between(e->text, from, e->cursor));
}

/* Where a line begins that is scrolled sideways so that the cursor shows, and the columns from
 * there to the cursor: no more than `most`. */
static size_t line_begin(int *columns, const struct edit *e, int most) {
    size_t from = e->cursor;
    *columns = 0;
    while (from > 0) {
        const size_t before = grapheme_previous(e->text, from);
        const int wide = grapheme_columns(e->text, before, from);
        if (*columns + wide > most)
            break;
        *columns += wide;
        from = before;
    }
    return from;
}

/* The one line, with arrows where it goes on beyond the edges. */
static void draw_line(struct grid *g, struct area a, const struct edit *e, enum style_role role,
                      bool focus) {
    const int marks = a.columns > 4 ? 2 : 0;
    int columns = 0;
    size_t from = focus ? line_begin(&columns, e, a.columns - 1) : 0;
    if (from > 0 || (columns == a.columns - 1 && e->cursor < edit_bytes(e)))
        from = line_begin(&columns, e, a.columns - 1 - marks);
    const int lead = from > 0 && marks ? 1 : 0;
    if (draw_row(g, a, 0, lead, e, from, edit_bytes(e), role) && marks)
        grid_put(g, a, 0, a.columns - 1, role, "→");
    if (lead)
        grid_put(g, a, 0, 0, role, "←");
    if (focus)
        grid_set_cursor(g, a, 0, lead + columns);
}

void edit_draw(struct grid *g, struct area a, struct edit *e, enum style_role role,
               const char *placeholder, bool focus) {
    for (int r = 0; r < a.rows; r++)
        grid_put_fit(g, a, r, 0, a.columns, role, "", false);
    e->width = a.columns;
    if (e->selected && focus)
        role = STYLE_CURSOR;
    if (edit_is_empty(e) && placeholder && a.rows > 0)
        grid_put_fit(g, a, 0, 0, a.columns, role == STYLE_FIELD ? STYLE_DIM : role, placeholder,
                     false);
    if (edit_is_empty(e) && focus)
        grid_set_cursor(g, a, 0, 0);
    else if (!edit_is_empty(e) && a.rows > 0 && e->lines)
        draw_lines(g, a, e, role, focus);
    else if (!edit_is_empty(e) && a.rows > 0)
        draw_line(g, a, e, role, focus);
}
