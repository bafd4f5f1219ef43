#include "views/screens/log_view.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/widgets/paragraph.h"
#include "views/widgets/scroll.h"

#include <stdlib.h>
#include <string.h>

void log_view_init(struct log_view *v) {
    *v = (struct log_view){.lines = mem_alloc(LOG_MOST * sizeof *v->lines)};
}

void log_view_dispose(struct log_view *v) {
    for (size_t i = 0; v->lines && i < LOG_MOST; i++) {
        free(v->lines[i].time);
        free(v->lines[i].text);
    }
    free(v->lines);
    *v = (struct log_view){0};
}

void log_view_add(struct log_view *v, const char *time, enum style_role role, const char *text) {
    size_t i = (v->first + v->n) % LOG_MOST;
    if (v->n < LOG_MOST)
        v->n++;
    else
        v->first = (v->first + 1) % LOG_MOST;
    free(v->lines[i].time);
    free(v->lines[i].text);
    v->lines[i] = (struct log_line){mem_text(time), text_sanitise(text, strlen(text), false), role};
    if (v->back > 0) /* what is being read stays where it is */
        v->back++;
}

void log_view_move(struct log_view *v, long lines) {
    v->back = (size_t)clamped((int64_t)v->back - lines, 0, (int64_t)v->n - 1);
}

static const struct log_line *line_at(const struct log_view *v, size_t i) {
    return &v->lines[(v->first + i) % LOG_MOST];
}

/* Columns before a line's text: its time between blanks. */
static int text_column(const struct log_line *line) {
    return 1 + text_columns(line->time ? line->time : "") + 2;
}

/* Rows that a line takes, at least one. */
static int rows_of(const struct log_line *line, int columns) {
    const int rows = paragraph_rows(columns - text_column(line) - 1, line->text);
    return rows > 1 ? rows : 1;
}

/* The line behind the first screenful: scrolled back further than that there would be free rows. */
static size_t first_end(const struct log_view *v, struct area inner) {
    size_t end = 0;
    for (int rows = 0; end < v->n && rows < inner.rows; end++)
        rows += rows_of(line_at(v, end), inner.columns);
    return end;
}

static void draw_line(struct grid *g, struct area a, const struct log_line *line, int rows) {
    const int column = text_column(line);
    grid_put(g, a, 0, 1, STYLE_DIM, line->time ? line->time : "");
    struct area text = {a.row, a.column + column, rows, a.columns - column - 1};
    paragraph_draw(g, text, line->role, line->text);
}

/* The lines before `end` from the lowest row upwards, whole ones alone but for one that is longer
 * than all rows. Returns the first line. */
static size_t first_shown(int *used, const struct log_view *v, struct area inner, size_t end) {
    size_t first = end;
    *used = 0;
    while (first > 0) {
        const int rows = rows_of(line_at(v, first - 1), inner.columns);
        if (*used > 0 && *used + rows > inner.rows)
            break;
        *used += rows;
        first--;
    }
    return first;
}

void log_view_draw(struct grid *g, struct area a, struct log_view *v) {
    grid_box(g, a, true, "log", NULL);
    struct area inner = area_inner(a);
    if (v->n == 0 && inner.rows > 0)
        grid_put(g, inner, 0, 1, STYLE_DIM, "nothing has happened yet");
    const size_t most = v->n - first_end(v, inner);
    v->back = v->back < most ? v->back : most;
    int row = 0, used, last = 0;
    const size_t end = v->n - v->back, first = first_shown(&used, v, inner, end);
    const struct scroll s = {.rows = scroll_axis(first, end - first, v->n)};
    scroll_box(g, a, &s);
    for (size_t i = first; i < end && row < inner.rows; i++) {
        struct area rest = inner;
        area_take_top(&rest, last = row);
        row += rows_of(line_at(v, i), inner.columns);
        draw_line(g, rest, line_at(v, i), rest.rows);
    }
    grid_set_cursor(g, inner, last, 0);
}
