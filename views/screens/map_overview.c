/* The overview of a map that does not fit: where something is, and where the window. */
#include "views/screens/map_marks.h"

#include "backend/base/clamp.h"
#include "views/terminal/hits.h"

#include <math.h>

/* Things [from, to) of n that the b-th of so many parts stands for: one at least. */
struct part_range {
    size_t from, to;
};
static struct part_range range_of(size_t b, size_t parts, size_t n) {
    const size_t from = b * n / parts, to = (b + 1) * n / parts;
    return (struct part_range){from, to > from ? to : from + 1};
}

static float of_largest(const struct map *m, float magnitude) {
    return m->magnitude > 0 ? magnitude / m->magnitude : 0;
}

/* Of rows as they stand. */
static float rows_heat(const struct map *m, size_t b, size_t parts) {
    const struct part_range r = range_of(b, parts, m->n_rows);
    float largest = 0;
    for (size_t i = r.from; i < r.to && i < m->n_rows; i++)
        largest = fmaxf(largest, m->rows[m->order[i]].magnitude);
    return of_largest(m, largest);
}

static float columns_heat(const struct map *m, size_t b, size_t parts) {
    const struct part_range r = range_of(b, parts, (size_t)m->n_columns);
    float largest = 0;
    for (size_t g = r.from; g < r.to && g < (size_t)m->n_columns; g++)
        largest = fmaxf(largest, m->column_magnitude[g]);
    return of_largest(m, largest);
}

static void draw_rows(struct grid *grid, struct area a, const struct map *m, int at) {
    const size_t n = 2 * (size_t)a.rows;
    size_t line = 0;
    for (int r = 0; r < a.rows; r++) {
        const struct area here = {r, at, 1, 1};
        const size_t half = 2 * (size_t)r, first = range_of((size_t)r, n / 2, m->n_rows).from;
        while (line + 1 < m->n_lines && m->lines[line + 1].from <= first)
            line++;
        grid_put_half(grid, a, r, at, HEAT_UNSIGNED, rows_heat(m, half, n),
                      rows_heat(m, half + 1, n));
        hit_add(&grid->hits, a, here, (struct hit){HIT_ROW, (int64_t)line, 0});
    }
}

static void draw_columns(struct grid *grid, struct area a, const struct map *m,
                         const struct map_geometry *y) {
    const int end = y->sum_column >= 0 ? y->sum_column : map_column_at(y, y->n_columns),
              width = end - y->label - 1, row = y->strip_row;
    const int64_t n = m->n_columns, last = clamped(m->left + y->n_columns, 0, n);
    if (width < 2)
        return;
    grid_format(grid, (struct area){a.row, a.column, a.rows, y->label}, row, 3, STYLE_DIM,
                "%lld-%lld of %lld", (long long)m->left + 1, (long long)last, (long long)n);
    for (int i = 0; i < width; i++) {
        grid_put_magnitude(grid, a, row, y->label + 1 + i, 1,
                           columns_heat(m, (size_t)i, (size_t)width), "");
        hit_add(&grid->hits, a, (struct area){row, y->label + 1 + i, 1, 1},
                (struct hit){HIT_COLUMN, 0, i * n / width});
    }
    const int from = (int)(m->left * width / n), to = (int)(last * width / n);
    map_put_glyph(grid, a, row, y->label + 1 + from, "[");
    map_put_glyph(grid, a, row, y->label + (to > from + 1 ? to : from + 2), "]");
}

void map_draw_overview(struct grid *grid, struct area a, const struct map *m,
                       const struct map_geometry *y) {
    if (y->strip >= 0)
        draw_rows(grid, a, m, y->strip);
    if (y->strip_row >= 0 && y->n_columns < m->n_columns)
        draw_columns(grid, a, m, y);
}
