#include "views/screens/log_view.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
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

void log_view_move(struct log_view *v, long rows, int page_rows) {
    v->back = (size_t)clamped((int64_t)v->back - rows, 0, (int64_t)v->n - page_rows);
}

void log_view_draw(struct grid *g, struct area a, struct log_view *v) {
    grid_box(g, a, true, "log", NULL);
    struct area inner = area_inner(a);
    log_view_move(v, 0, inner.rows);
    size_t shown = v->n - v->back < (size_t)inner.rows ? v->n - v->back : (size_t)inner.rows;
    const struct scroll s = {.rows = scroll_axis(v->n - v->back - shown, shown, v->n)};
    scroll_box(g, a, &s);
    for (size_t row = 0; row < shown; row++) {
        const struct log_line *line =
            &v->lines[(v->first + v->n - v->back - shown + row) % LOG_MOST];
        int used = grid_put(g, inner, (int)row, 1, STYLE_DIM, line->time ? line->time : "");
        grid_put_fit(g, inner, (int)row, used + 3, inner.columns - used - 4, line->role, line->text,
                     false);
    }
    if (v->n == 0 && inner.rows > 0)
        grid_put(g, inner, 0, 1, STYLE_DIM, "nothing has happened yet");
    grid_set_cursor(g, inner, shown > 0 ? (int)shown - 1 : 0, 0);
}
