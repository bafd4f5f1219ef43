#include "views/screens/runs.h"

#include "views/terminal/hits.h"
#include "views/widgets/scroll.h"

#include <stdio.h>

/* Lines below the heading; where they are too few the last row says how many there are beside
 * them. */
static size_t page_rows(const struct runs_view *v, struct area a) {
    const int rows = a.rows - 1 - (a.rows > 3 && v->n > (size_t)a.rows - 1);
    return rows > 1 ? (size_t)rows : 1;
}

static void mark_more(struct grid *g, struct area a, const struct runs_view *v, size_t page) {
    const struct scroll s = {.rows = scroll_axis(v->top, page, v->n)};
    scroll_bar(g, (struct area){a.row + 1, a.column, (int)page, a.columns}, &s.rows);
    if (page + 1 < (size_t)a.rows)
        scroll_row(g, (struct area){a.row + a.rows - 1, a.column, 1, a.columns}, &s);
}

void runs_draw(struct grid *g, struct area a, struct runs_view *v) {
    size_t page = page_rows(v, a);
    if (v->n == 0) {
        grid_put(g, a, 1, 2, STYLE_DIM, v->none ? v->none : "");
        return;
    }
    if (v->cursor >= v->n)
        v->cursor = v->n - 1;
    if (v->cursor < v->top)
        v->top = v->cursor;
    if (v->cursor >= v->top + page)
        v->top = v->cursor + 1 - page;
    const int method = 21, model = 12, generated = a.columns >= 100 ? 8 : 7,
              contrast = a.columns >= 100 ? 14 : 9;
    int rest = 10 + method + model + 4 + generated + contrast + 11 + 7;
    grid_format(g, a, 0, 0, STYLE_DIM, "  %3s mk  %-*s%-*s%4s%*s %-*s%-10s %5s  %s", "#", method,
                "method", model, "model", "rows", generated - 1, "gen", contrast, "contrast",
                "status", "time", "prompt");
    for (size_t i = v->top; i < v->n && i < v->top + page; i++) {
        const struct run_line *l = &v->lines[i];
        int row = 1 + (int)(i - v->top), at = 0;
        bool here = i == v->cursor;
        hit_add(&g->hits, a, (struct area){row, 0, 1, a.columns},
                (struct hit){HIT_ROW, (int64_t)i, 0});
        enum style_role role = here ? STYLE_STRONG : STYLE_TEXT;
        char text[64];
        grid_put(g, a, row, 0, here ? STYLE_CURSOR : STYLE_TEXT, here ? ">" : " ");
        grid_format(g, a, row, 2, role, "%3lld", (long long)l->number);
        snprintf(text, sizeof text, "%c", l->mark ? l->mark : ' ');
        grid_put(g, a, row, 6, l->mark == 'A' ? STYLE_MARK_A : STYLE_MARK_B, text);
        at = 10;
        grid_put_fit(g, a, row, at, method - 1, role, *l->name ? l->name : l->method, false);
        at += method;
        grid_put_fit(g, a, row, at, model - 1, role, l->model, false);
        at += model;
        if (l->n_columns > 0)
            grid_format(g, a, row, at, role, "%4lld", (long long)l->n_rows);
        if (l->span && *l->span)
            grid_put_fit(g, a, row, at + 5, generated - 2, STYLE_MARK_A, l->span, true);
        else if (l->n_columns > 0)
            grid_format(g, a, row, at + 4, role, "%*lld", generated - 1, (long long)l->n_columns);
        at += 4 + generated;
        grid_put_fit(g, a, row, at, contrast - 1, role, l->contrast, false);
        at += contrast;
        grid_put_fit(g, a, row, at, 10, l->role, l->status, false);
        at += 11;
        if (l->seconds >= 0 && l->seconds < 60)
            grid_format(g, a, row, at, role, "%4.1fs", l->seconds);
        else if (l->seconds >= 0)
            grid_format(g, a, row, at, role, "%2d:%02d", (int)(l->seconds / 60) % 100,
                        (int)l->seconds % 60);
        if (a.columns > rest)
            grid_put_fit(g, a, row, rest, a.columns - rest - 1, here ? STYLE_TEXT : STYLE_DIM,
                         l->prompt, false);
        if (here)
            grid_set_cursor(g, a, row, 0);
    }
    mark_more(g, a, v, page);
}
