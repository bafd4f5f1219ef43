#include "views/screens/atlas_head.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "views/screens/atlas_layers.h"
#include "views/screens/atlas_sinks.h"
#include "views/screens/colours.h"
#include "views/screens/map.h"
#include "views/terminal/hits.h"
#include "views/widgets/scroll.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static float head_score(const struct atlas *a, int64_t row, int64_t column) {
    return atlas_score(a, row, column, a->layer * a->n_heads + a->head);
}

/* First row or column on the screen so that `at` is among `n` shown of `all`. */
static int64_t scrolled(int64_t at, int64_t n, int64_t all) {
    int64_t first = at - n / 2;
    first = first + n > all ? all - n : first;
    return first < 0 ? 0 : first;
}

static void draw_head_rows(struct grid *g, struct area box, struct area cells,
                           const struct atlas *a, const struct atlas_side *side, int label,
                           int cell) {
    int64_t n_rows = side->scores->dims[0], n_columns = side->scores->dims[1],
            columns = (cells.columns - label) / cell;
    int64_t top = scrolled(a->row, cells.rows - 1, n_rows),
            left = scrolled(a->column, columns, n_columns);
    const struct scroll s = {scroll_axis((size_t)top, (size_t)cells.rows - 1, (size_t)n_rows),
                             scroll_axis((size_t)left, (size_t)columns, (size_t)n_columns)};
    scroll_box(g, box, &s);
    float most = 0;
    bool diverging = false;
    for (int64_t i = 0; i < n_rows; i++)
        for (int64_t k = 0; k < n_columns; k++) {
            float v = head_score(a, i, k);
            most = fabsf(v) > most ? fabsf(v) : most;
            diverging = diverging || v < 0;
        }
    const struct legend legend = colours_legend(most, diverging, "this head");
    legend_box(g, box, &legend, &s);
    grid_put_fit(g, cells, 0, 0, label - 1, STYLE_DIM, "token", false);
    for (int64_t k = 0; k < columns && left + k < n_columns; k++) {
        bool here = left + k == a->column;
        const struct token *t = &side->column_tokens->items[side->first_column_token + left + k];
        grid_put_fit(g, cells, 0, label + (int)k * cell, cell - 1,
                     atlas_token_role(t, here, STYLE_DIM), t->printable, false);
    }
    hit_add_each(&g->hits, cells,
                 (struct area){1, label, (int)clamped(n_rows - top, 0, cells.rows - 1),
                               (int)clamped(n_columns - left, 0, columns) * cell},
                 (struct hit){HIT_TARGET, top, left}, 1, cell);
    for (int row = 1; row < cells.rows && top + row - 1 < n_rows; row++) {
        int64_t i = top + row - 1;
        const struct token *t = &side->row_tokens->items[i];
        grid_put_fit(g, cells, row, 0, label - 1, atlas_token_role(t, i == a->row, STYLE_TEXT),
                     t->printable, false);
        for (int64_t k = 0; k < columns && left + k < n_columns; k++) {
            float v = head_score(a, i, left + k);
            char text[16] = "";
            int at = label + (int)k * cell;
            if (!isnan(v))
                map_number(text, sizeof text, v, cell - 1, diverging);
            if (isnan(v))
                grid_put_fit(g, cells, row, at, cell, STYLE_DIM, "", false);
            else if (diverging)
                grid_put_heat(g, cells, row, at, cell, most > 0 ? v / most : 0, text);
            else
                grid_put_magnitude(g, cells, row, at, cell, most > 0 ? v / most : 0, text);
            if (i == a->row && left + k == a->column)
                grid_mark(g, cells, row, at, cell, false, true, true);
        }
    }
}

/* Lines below the head's map: what can be said of the head. */
static void draw_head_facts(struct grid *g, struct area facts, const struct atlas *a,
                            const struct atlas_side *side) {
    float most = 0;
    int64_t best_row = 0, best_column = 0;
    for (int64_t i = 0; i < side->scores->dims[0]; i++)
        for (int64_t k = 0; k < side->scores->dims[1]; k++)
            if (fabsf(head_score(a, i, k)) > fabsf(most)) {
                most = head_score(a, i, k);
                best_row = i;
                best_column = k;
            }
    char number[16], *line;
    map_number(number, sizeof number, atlas_value(a, a->layer, a->head), 5, false);
    line = mem_format("%s %s  rank %zu/%ld", atlas_metric_title(a->metric),
                      number + strspn(number, " "), atlas_rank(a, a->layer, a->head),
                      (long)(a->n_layers * a->n_heads));
    grid_put_fit(g, facts, 0, 0, facts.columns, STYLE_TEXT, line, false);
    free(line);
    if (!(fabsf(most) > 0))
        return;
    map_number(number, sizeof number, most, 5, false);
    line = mem_format("peak %s  %s → %s", number + strspn(number, " "),
                      side->row_tokens->items[best_row].printable,
                      side->column_tokens->items[side->first_column_token + best_column].printable);
    grid_put_fit(g, facts, 1, 0, facts.columns, STYLE_TEXT, line, false);
    free(line);
}

void atlas_head_draw(struct grid *g, struct area box, const struct atlas *a) {
    const struct atlas_side *side = &a->sides[a->i_side];
    char title[48];
    if (a->has_heads)
        snprintf(title, sizeof title, "layer %ld, head %ld", (long)a->layer, (long)a->head);
    else
        snprintf(title, sizeof title, "layer %ld", (long)a->layer);
    grid_box(g, box, false, title, a->hint);
    struct area inner = area_inner(box), facts = {0};
    if (inner.rows >= 8) {
        facts = area_take_bottom(&inner, 2);
        area_take_bottom(&inner, 1);
    }
    bool wide = inner.columns >= 60;
    int cell = wide ? 6 : 5, label = inner.columns >= 30 ? 10 : 8;
    if (wide)
        label = 14;
    if (inner.columns >= label + cell && inner.rows >= 2)
        draw_head_rows(g, box, inner, a, side, label, cell);
    if (facts.rows == 2)
        draw_head_facts(g, facts, a, side);
}
