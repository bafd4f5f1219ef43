/* The atlas of a result with layers but no heads: tokens × layers for one step. */
#include "views/screens/atlas_layers.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "views/screens/colours.h"
#include "views/screens/map.h"
#include "views/terminal/hits.h"
#include "views/widgets/scroll.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEAST_COLUMNS 34
#define LABEL_COLUMNS 12
#define CELL_COLUMNS 5

static const struct atlas_side *side_of(const struct atlas *a) {
    return &a->sides[a->i_side];
}

static float score(const struct atlas *a, int64_t row, int64_t layer) {
    const struct scores *s = side_of(a)->scores;
    return s->data[(row * s->dims[1] + a->column) * a->n_layers + layer];
}

/* The step's largest magnitude; *negative: some are. */
static float largest(const struct atlas *a, bool *negative) {
    float most = 0;
    *negative = false;
    for (int64_t row = 0; row < side_of(a)->scores->dims[0]; row++)
        for (int64_t layer = 0; layer < a->n_layers; layer++) {
            float v = score(a, row, layer);
            most = fabsf(v) > most ? fabsf(v) : most;
            *negative |= v < 0;
        }
    return most;
}

enum style_role atlas_token_role(const struct token *t, bool selected, enum style_role usual) {
    if (selected)
        return STYLE_STRONG;
    return t->special ? STYLE_SPECIAL_TOKEN : usual;
}

int atlas_layers_columns(const struct atlas *a, int columns) {
    int64_t wish = LABEL_COLUMNS + CELL_COLUMNS * a->n_layers + 2, most = columns * 64 / 100;
    return wish < LEAST_COLUMNS ? LEAST_COLUMNS : (int)clamped(wish, 0, most);
}

/* Scrolls so that the cursor is inside; the cells' area. */
static struct area lay_out(int64_t *rows, int64_t *layers, struct area box) {
    struct area cells = area_inner(box);
    area_take_top(&cells, 1);
    *rows = cells.rows > 0 ? cells.rows : 0;
    *layers = cells.columns > LABEL_COLUMNS ? (cells.columns - LABEL_COLUMNS) / CELL_COLUMNS : 0;
    return cells;
}

static int64_t scrolled(int64_t first, int64_t at, int64_t shown, int64_t all) {
    if (first > at || all <= shown)
        first = all <= shown ? 0 : at;
    return shown > 0 && at >= first + shown ? at - shown + 1 : first;
}

static void draw_cell(struct grid *g, struct area cells, int row, int column, float v, float most,
                      bool diverging, bool here) {
    char text[16] = "";
    if (isnan(v)) {
        grid_put_fit(g, cells, row, column, CELL_COLUMNS, STYLE_DIM, "", false);
    } else {
        map_number(text, sizeof text, v, CELL_COLUMNS - 1, diverging);
        if (diverging)
            grid_put_heat(g, cells, row, column, CELL_COLUMNS, most > 0 ? v / most : 0, text);
        else
            grid_put_magnitude(g, cells, row, column, CELL_COLUMNS, most > 0 ? v / most : 0, text);
    }
    if (here) {
        grid_mark(g, cells, row, column, CELL_COLUMNS, true, false, true);
        grid_set_cursor(g, cells, row, column);
    }
}

static void draw_numbers(struct grid *g, struct area line, const struct atlas *a, int64_t layers) {
    grid_put(g, line, 0, 0, STYLE_DIM, "token");
    for (int64_t i = 0; i < layers && a->left + i < a->n_layers; i++) {
        char text[24];
        snprintf(text, sizeof text, "L%ld", (long)(a->left + i));
        int at = LABEL_COLUMNS + (int)i * CELL_COLUMNS;
        grid_put(g, line, 0, at, a->left + i == a->layer ? STYLE_STRONG : STYLE_DIM, text);
    }
}

static void add_hits(struct grid *g, struct area cells, const struct atlas *a, int64_t rows,
                     int64_t layers) {
    const int n_rows = (int)clamped(side_of(a)->scores->dims[0] - a->top, 0, rows),
              columns = (int)clamped(a->n_layers - a->left, 0, layers) * CELL_COLUMNS;
    const struct area whole = {cells.row - 1, cells.column, cells.rows + 1, cells.columns};
    hit_add_each(&g->hits, whole, (struct area){0, LABEL_COLUMNS, 1, columns},
                 (struct hit){HIT_COLUMN, 0, a->left}, 0, CELL_COLUMNS);
    hit_add_each(&g->hits, whole, (struct area){1, 0, n_rows, LABEL_COLUMNS},
                 (struct hit){HIT_ROW, a->top, 0}, 1, 0);
    hit_add_each(&g->hits, whole, (struct area){1, LABEL_COLUMNS, n_rows, columns},
                 (struct hit){HIT_CELL, a->top, a->left}, 1, CELL_COLUMNS);
}

void atlas_layers_draw(struct grid *g, struct area box, struct atlas *a) {
    const struct atlas_side *side = side_of(a);
    const char *step = side->column_tokens->items[side->first_column_token + a->column].printable;
    char *title = mem_format("tokens × layers%s%s", a->n_sides > 1 ? ": " : "",
                             a->n_sides > 1 ? side->title : ""),
         *right = mem_format("→ %s", step);
    int64_t rows, layers;
    bool diverging;
    grid_box(g, box, true, title, right);
    free(title);
    free(right);
    struct area cells = lay_out(&rows, &layers, box),
                line = {cells.row - 1, cells.column, 1, cells.columns};
    if (rows < 1 || layers < 1)
        return;
    float most = largest(a, &diverging);
    a->top = scrolled(a->top, a->row, rows, side->scores->dims[0]);
    a->left = scrolled(a->left, a->layer, layers, a->n_layers);
    const struct scroll s = {
        scroll_axis((size_t)a->top, (size_t)rows, (size_t)side->scores->dims[0]),
        scroll_axis((size_t)a->left, (size_t)layers, (size_t)a->n_layers)};
    const struct legend legend = colours_legend(most, diverging, NULL);
    scroll_box(g, box, &s);
    legend_box(g, box, &legend, &s);
    draw_numbers(g, line, a, layers);
    add_hits(g, cells, a, rows, layers);
    for (int64_t i = 0; i < rows && a->top + i < side->scores->dims[0]; i++) {
        int64_t row = a->top + i;
        const struct token *t = &side->row_tokens->items[row];
        bool here = row == a->row;
        grid_put(g, cells, (int)i, 0, STYLE_STRONG, here ? "▸" : " ");
        grid_put_fit(g, cells, (int)i, 1, LABEL_COLUMNS - 2, atlas_token_role(t, here, STYLE_TEXT),
                     t->printable, false);
        for (int64_t k = 0; k < layers && a->left + k < a->n_layers; k++)
            draw_cell(g, cells, (int)i, LABEL_COLUMNS + (int)k * CELL_COLUMNS,
                      score(a, row, a->left + k), most, diverging, here && a->left + k == a->layer);
    }
}
