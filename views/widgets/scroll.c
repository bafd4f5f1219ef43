#include "views/widgets/scroll.h"

#include "backend/base/text.h"

#include <stdbool.h>
#include <stdio.h>

struct scroll_axis scroll_axis(size_t first, size_t room, size_t n) {
    const size_t before = first < n ? first : n, rest = n - before,
                 shown = room < rest ? room : rest;
    return (struct scroll_axis){before, shown, rest - shown};
}

static bool hides(const struct scroll_axis *x) {
    return x->before > 0 || x->after > 0;
}

void scroll_text(char buf[SCROLL_TEXT], const struct scroll *s) {
    const struct {
        const char *arrow;
        size_t n;
    } sides[] = {{"↑", s->rows.before},
                 {"↓", s->rows.after},
                 {"←", s->columns.before},
                 {"→", s->columns.after}};
    size_t used = 0;
    buf[0] = 0;
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        if (sides[i].n > 0)
            used += (size_t)snprintf(buf + used, SCROLL_TEXT - used, "%s%zu ", sides[i].arrow,
                                     sides[i].n);
    if (used > 0)
        snprintf(buf + used, SCROLL_TEXT - used, "more");
}

/* Rows [*from, *to) of a bar of so many: at least one, and never at an end with more beyond it. */
static void place_thumb(int *from, int *to, int rows, const struct scroll_axis *x) {
    const double all = (double)x->before + (double)x->shown + (double)x->after;
    int length = (int)((double)rows * (double)x->shown / all + 0.5);
    length = length < 1 ? 1 : length;
    const int free_rows = rows - length, least = x->before > 0, most = free_rows - (x->after > 0);
    int at =
        (int)((double)free_rows * (double)x->before / ((double)x->before + (double)x->after) + 0.5);
    at = at > most ? most : at;
    at = at < least ? least : at;
    *from = at;
    *to = at + length;
}

void scroll_bar(struct grid *g, struct area a, const struct scroll_axis *rows) {
    int from, to;
    if (!hides(rows) || a.rows < 3 || a.columns < 1)
        return;
    place_thumb(&from, &to, a.rows, rows);
    for (int row = 0; row < a.rows; row++) {
        const bool thumb = row >= from && row < to;
        grid_put(g, a, row, a.columns - 1, thumb ? STYLE_TITLE : STYLE_BORDER, thumb ? "▐" : "│");
    }
}

int scroll_row(struct grid *g, struct area row, const struct scroll *s) {
    char text[SCROLL_TEXT];
    scroll_text(text, s);
    const int n = text_columns(text);
    if (n == 0 || n + 2 > row.columns)
        return 0;
    grid_format(g, row, 0, row.columns - n - 2, STYLE_DIM, " %s ", text);
    return n + 2;
}

void scroll_box(struct grid *g, struct area box, const struct scroll *s) {
    struct area edge = area_take_bottom(&box, 1);
    area_take_top(&box, 1);
    scroll_bar(g, box, &s->rows);
    area_take_left(&edge, 2);
    area_take_right(&edge, 2);
    scroll_row(g, edge, s);
}
