#include "views/widgets/bar.h"

#include <math.h>

#define FULL "▇" /* a little lower than a row: bars below each other stay apart */

static int full_columns(int columns, double share) {
    if (columns <= 0 || isnan(share))
        return 0;
    return (int)(fmin(fabs(share), 1) * columns + 0.5);
}

static void put_rest(struct grid *g, struct area a, int row, int column, int columns,
                     enum bar_rest rest) {
    for (int i = 0; i < columns && rest == BAR_LINE; i++)
        grid_put(g, a, row, column + i, STYLE_PROGRESS_REST, "─");
}

static void put_full(struct grid *g, struct area a, int row, int column, int columns,
                     enum style_role role) {
    for (int i = 0; i < columns; i++)
        grid_put(g, a, row, column + i, role, FULL);
}

void bar_draw(struct grid *g, struct area a, int row, int column, int columns, double share,
              enum style_role role, enum bar_rest rest) {
    const int full = full_columns(columns, share);
    put_full(g, a, row, column, full, role);
    put_rest(g, a, row, column + full, columns - full, rest);
}

void bar_draw_signed(struct grid *g, struct area a, int row, int column, int columns, double share,
                     enum bar_rest rest) {
    const int half = (columns - 1) / 2, full = full_columns(half, share), middle = column + half;
    if (half < 1)
        return;
    put_rest(g, a, row, column, 2 * half + 1, rest);
    grid_put(g, a, row, middle, STYLE_BORDER, "│");
    if (share < 0)
        put_full(g, a, row, middle - full, full, STYLE_NEGATIVE);
    else
        put_full(g, a, row, middle + 1, full, STYLE_POSITIVE);
}
