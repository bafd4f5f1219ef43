#include "views/widgets/legend.h"

#include "backend/base/text.h"

#include <stdbool.h>

#define CELLS 9 /* odd: zero has the middle one where there are signs */
#define FEW_CELLS 5

struct size {
    int cells;
    bool note;
};

static int columns_of(const struct legend *l, struct size size) {
    const int note = size.note && l->note ? text_columns(l->note) + 1 : 0;
    return text_columns(l->from) + 1 + size.cells + 1 + text_columns(l->to) + note + 2;
}

int legend_columns(const struct legend *l) {
    return l->to[0] ? columns_of(l, (struct size){FEW_CELLS, true}) : 0;
}

/* The largest that fits; no cells: none does. */
static struct size fit(const struct legend *l, int columns) {
    static const struct size sizes[] = {
        {CELLS, true}, {CELLS, false}, {FEW_CELLS, true}, {FEW_CELLS, false}};
    for (size_t i = 0; l->to[0] && i < sizeof sizes / sizeof *sizes; i++)
        if (columns_of(l, sizes[i]) <= columns)
            return sizes[i];
    return (struct size){0, false};
}

/* Returns the columns used. */
static int put_cells(struct grid *g, struct area row, int column, const struct legend *l, int n) {
    for (int i = 0; i < n; i++) {
        const float part = (float)i / (float)(n - 1);
        if (l->scale == HEAT_SIGNED)
            grid_put_heat(g, row, 0, column + i, 1, 2 * part - 1, 2 * i + 1 == n ? "0" : "");
        else
            grid_put_magnitude(g, row, 0, column + i, 1, part, "");
    }
    return n;
}

static int put_legend(struct grid *g, struct area row, int column, const struct legend *l,
                      struct size size) {
    int at = column;
    at += grid_format(g, row, 0, at, STYLE_DIM, " %s ", l->from);
    at += put_cells(g, row, at, l, size.cells);
    at += grid_format(g, row, 0, at, STYLE_DIM, " %s ", l->to);
    if (size.note && l->note)
        at += grid_format(g, row, 0, at, STYLE_DIM, "%s ", l->note);
    return at - column;
}

int legend_row(struct grid *g, struct area row, const struct legend *l) {
    const struct size size = {FEW_CELLS, true};
    const int columns = legend_columns(l);
    if (columns == 0 || columns > row.columns)
        return 0;
    return put_legend(g, row, row.columns - columns, l, size);
}

void legend_box(struct grid *g, struct area box, const struct legend *l, const struct scroll *s) {
    char more[SCROLL_TEXT];
    scroll_text(more, s);
    struct area edge = area_take_bottom(&box, 1);
    area_take_left(&edge, 2);
    area_take_right(&edge, 2);
    const int taken = *more ? text_columns(more) + 3 : 0;
    const struct size size = fit(l, edge.columns - taken);
    if (size.cells > 0)
        put_legend(g, edge, 0, l, size);
}
