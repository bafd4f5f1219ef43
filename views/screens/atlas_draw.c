/* Drawing the atlas: the layers × heads grid in the largest cells that fit, the strongest heads,
 * the layers' profile, and where all of its parts stand. */
#include "views/screens/atlas.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "views/screens/atlas_cells.h"
#include "views/screens/atlas_head.h"
#include "views/screens/atlas_layers.h"
#include "views/screens/atlas_pictures.h"
#include "views/screens/colours.h"
#include "views/screens/map.h"
#include "views/terminal/hits.h"
#include "views/widgets/bar.h"
#include "views/widgets/paragraph.h"
#include "views/widgets/scroll.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A screen with pictures of the heads is at least so large, and the rest has so many columns. */
#define PICTURES_ROWS 44
#define PICTURES_COLUMNS 160
#define HEAD_COLUMNS 64

/* How the grid is laid into its area. half: two layers a row, a column a head. */
struct layout {
    bool half;
    int cell, rows;
    int64_t heads;
};

static struct layout lay_out(const struct atlas *a, struct area cells) {
    struct layout l = {.rows = cells.rows};
    int room = cells.columns - ATLAS_LABEL_COLUMNS;
    int cell = a->n_heads > 0 ? (int)(room / a->n_heads) : 1;
    l.half = a->n_layers > cells.rows || cell < 2;
    l.cell = (int)clamped(cell, 1, 5);
    if (l.half && l.cell > 3)
        l.cell = 3;
    l.heads = room / l.cell;
    return l;
}

static int64_t layers_shown(const struct layout *l) {
    return l->half ? 2 * (int64_t)l->rows : l->rows;
}

/* Of the grid's cells that are heads. */
static int heads_columns(const struct atlas *a, const struct layout *l) {
    return (int)clamped(a->n_heads - a->left, 0, l->heads) * l->cell;
}

static void draw_head_numbers(struct grid *g, struct area row, const struct atlas *a,
                              const struct layout *l) {
    grid_put(g, row, 0, 1, STYLE_DIM, "L\\H");
    hit_add_each(&g->hits, row, (struct area){0, ATLAS_LABEL_COLUMNS, 1, heads_columns(a, l)},
                 (struct hit){HIT_COLUMN, 0, a->left}, 0, l->cell);
    for (int64_t i = 0; i < l->heads && a->left + i < a->n_heads; i++) {
        int64_t head = a->left + i;
        char text[32];
        bool here = head == a->head, narrow = l->cell < 3;
        if (narrow && !here && head % 5 != 0)
            continue;
        snprintf(text, sizeof text, "%ld", (long)head);
        int n = (int)strlen(text), at = ATLAS_LABEL_COLUMNS + (int)i * l->cell +
                                        (narrow ? 0 : l->cell - n - (l->cell > 3));
        if (narrow && !here && llabs(head - a->head) < 4) /* the cursor's number needs the place */
            continue;
        grid_put(g, row, 0, at, here ? STYLE_STRONG : STYLE_DIM, text);
    }
}

static void draw_grid(struct grid *g, struct area box, struct atlas *a) {
    const struct atlas_side *side = &a->sides[a->i_side];
    char *title = atlas_cells_title(a);
    grid_box(g, box, true, title, a->n_sides > 1 ? side->title : "layers × heads");
    free(title);
    struct area cells = area_inner(box), head = area_take_top(&cells, 1);
    struct layout l = lay_out(a, cells);
    int64_t layers = layers_shown(&l);
    bool diverging = atlas_has_negative(a);
    if (a->layer < a->top || a->n_layers <= layers)
        a->top = a->n_layers <= layers ? 0 : a->layer;
    if (a->layer >= a->top + layers)
        a->top = a->layer - layers + 1;
    if (l.half)
        a->top &= ~(int64_t)1;
    if (a->head < a->left || a->n_heads <= l.heads)
        a->left = a->n_heads <= l.heads ? 0 : a->head;
    if (a->head >= a->left + l.heads)
        a->left = a->head - l.heads + 1;
    const struct scroll s = {scroll_axis((size_t)a->top, (size_t)layers, (size_t)a->n_layers),
                             scroll_axis((size_t)a->left, (size_t)l.heads, (size_t)a->n_heads)};
    const struct legend legend = colours_legend(a->magnitude, diverging, NULL);
    scroll_box(g, box, &s);
    legend_box(g, box, &legend, &s);
    draw_head_numbers(g, head, a, &l);
    for (int row = 0; row < cells.rows; row++) {
        int64_t layer = a->top + (l.half ? 2 * row : row);
        if (layer >= a->n_layers)
            break;
        bool here = a->layer == layer || (l.half && a->layer == layer + 1);
        atlas_label_draw(g, cells, row, here ? a->layer : layer, here);
        hit_add(&g->hits, cells, (struct area){row, 0, 1, ATLAS_LABEL_COLUMNS},
                (struct hit){HIT_ROW, layer, 0});
        hit_add_each(&g->hits, cells,
                     (struct area){row, ATLAS_LABEL_COLUMNS, 1, heads_columns(a, &l)},
                     (struct hit){HIT_CELL, layer, a->left}, 0, l.cell);
        for (int64_t i = 0; i < l.heads && a->left + i < a->n_heads; i++) {
            int column = ATLAS_LABEL_COLUMNS + (int)i * l.cell;
            if (!l.half) {
                atlas_cell_draw(g, cells, row, column, l.cell, a, layer, a->left + i, diverging);
                continue;
            }
            enum heat_scale scale = diverging ? HEAT_SIGNED : HEAT_UNSIGNED;
            for (int k = 0; k < l.cell; k++)
                grid_put_half(g, cells, row, column + k, scale,
                              atlas_shown_heat(a, layer, a->left + i),
                              atlas_shown_heat(a, layer + 1, a->left + i));
            if (here && a->left + i == a->head)
                grid_set_cursor(g, cells, row, column);
        }
    }
}

/* ---- the strongest heads ---- */

static void draw_top(struct grid *g, struct area box, const struct atlas *a) {
    grid_box(g, box, false, a->has_heads ? "strongest heads" : "strongest layers", "> < by rank");
    struct area inner = area_inner(box);
    const struct scroll s = {
        .rows = scroll_axis(0, (size_t)inner.rows, (size_t)(a->n_layers * a->n_heads))};
    scroll_box(g, box, &s);
    for (int row = 0; row < inner.rows && row < a->n_layers * a->n_heads; row++) {
        int64_t layer = (int64_t)a->ranking[row] / a->n_heads,
                head = (int64_t)a->ranking[row] % a->n_heads;
        float value = atlas_value(a, layer, head), heat = atlas_heat(a, layer, head);
        bool here = layer == a->layer && head == a->head;
        char text[64], number[16];
        if (isnan(value))
            break;
        hit_add(&g->hits, inner, (struct area){row, 0, 1, inner.columns},
                (struct hit){HIT_RANK, row, 0});
        map_number(number, sizeof number, value, 4, false);
        if (a->has_heads)
            snprintf(text, sizeof text, "%s%2d. L%-2ld H%-2ld %s", here ? "▸" : " ", row + 1,
                     (long)layer, (long)head, number + strspn(number, " "));
        else
            snprintf(text, sizeof text, "%s%2d. L%-2ld     %s", here ? "▸" : " ", row + 1,
                     (long)layer, number + strspn(number, " "));
        int used = grid_put(g, inner, row, 0, here ? STYLE_STRONG : STYLE_TEXT, text) + 2,
            room = inner.columns - used - 1;
        bar_draw(g, inner, row, used, room, (double)heat,
                 value < 0 ? STYLE_NEGATIVE : STYLE_PROGRESS, BAR_BARE);
    }
}

/* ---- the layers' profile: Σ over heads, eighths of a row high ---- */

static void draw_profile(struct grid *g, struct area box, const struct atlas *a) {
    static const char *const bars[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    grid_box(g, box, false, "layers, sum over heads", NULL);
    struct area inner = area_inner(box), numbers = area_take_bottom(&inner, 1);
    int cell = (int)(inner.columns / (a->n_layers > 0 ? a->n_layers : 1));
    cell = (int)clamped(cell, 1, 6);
    double most = 0;
    double *sums = mem_alloc((size_t)a->n_layers * sizeof *sums);
    for (int64_t layer = 0; layer < a->n_layers; layer++) {
        for (int64_t head = 0; head < a->n_heads; head++) {
            float v = atlas_value(a, layer, head);
            sums[layer] += isnan(v) ? 0 : fabs((double)v);
        }
        most = sums[layer] > most ? sums[layer] : most;
    }
    for (int64_t layer = 0; layer < a->n_layers; layer++) {
        int eighths = most > 0 ? (int)(sums[layer] / most * inner.rows * 8 + 0.5) : 0,
            at = (int)layer * cell;
        enum style_role role = layer == a->layer ? STYLE_STRONG : STYLE_PROGRESS;
        for (int row = inner.rows - 1; row >= 0 && eighths > 0; row--, eighths -= 8)
            for (int i = 0; i < (cell > 3 ? 2 : 1); i++)
                grid_put(g, inner, row, at + i, role, bars[eighths > 8 ? 8 : eighths]);
        char text[24];
        snprintf(text, sizeof text, "%ld", (long)layer);
        if (cell > 2 || layer % 5 == 0)
            grid_put(g, numbers, 0, at, layer == a->layer ? STYLE_STRONG : STYLE_DIM, text);
    }
    free(sums);
}

/* ---- the whole ---- */

struct panes {
    bool pictures; /* the grid has a picture of every head */
    struct area grid, top, head, profile;
};

/* Columns of the grid's box: numbers in every cell where there is room for that and for the head's
 * map. */
static int grid_columns(const struct atlas *a, int columns) {
    if (!a->has_heads)
        return atlas_layers_columns(a, columns);
    for (int cell = 5; cell >= 2; cell--) {
        int64_t wish = ATLAS_LABEL_COLUMNS + 2 + cell * a->n_heads;
        if (columns - wish >= 25)
            return wish > 34 ? (int)wish : 34;
    }
    return columns * 64 / 100;
}

/* Rows of the list of the strongest: what the layers leave, a few lines where they need it all and
 * do not fit anyway. */
static int top_rows(const struct atlas *a, int rows) {
    if (!a->has_heads) /* the tokens get two thirds */
        return rows >= 14 ? (int)clamped(a->n_layers + 2, 0, rows / 3) : 0;
    int64_t left = rows - (a->n_layers + 3);
    if (left < 0) { /* two layers a row, then */
        left = rows - ((a->n_layers + 1) / 2 + 3);
        left = left < 5 && rows >= 14 ? 5 : left;
    }
    return left >= 4 ? (int)clamped(left, 4, 13) : 0;
}

/* A large screen: pictures at the left, all else at the right. */
static struct panes split_large(const struct atlas *a, struct area area) {
    struct panes p = {.pictures = true, .head = area};
    p.grid = area_take_left(&p.head, atlas_pictures_columns(a, area.columns - HEAD_COLUMNS));
    p.profile = area_take_bottom(&p.head, 8);
    p.top = area_take_bottom(&p.head, 14);
    return p;
}

static struct panes split(const struct atlas *a, struct area area) {
    struct panes p = {0};
    if (a->has_heads && area.rows >= PICTURES_ROWS && area.columns >= PICTURES_COLUMNS)
        return split_large(a, area);
    if (area.rows >= 34 && a->has_heads)
        p.profile = area_take_bottom(&area, area.rows >= 44 ? 8 : 6);
    if (area.columns >= 72) {
        p.head = area;
        area = area_take_left(&p.head, grid_columns(a, area.columns));
    }
    p.top = area_take_bottom(&area, top_rows(a, area.rows));
    p.grid = area;
    return p;
}

static void draw_nothing(struct grid *g, struct area area, const struct atlas *a) {
    grid_box(g, area, true, "atlas", NULL);
    struct area inner = area_inner(area);
    area_take_left(&inner, 2);
    area_take_right(&inner, 2);
    area_take_top(&inner, 1);
    grid_set_cursor(g, inner, 0, 0);
    paragraph_draw(g, area_take_top(&inner, 2), STYLE_TEXT, "This result has no layers and heads.");
    if (a->without)
        paragraph_draw(g, inner, STYLE_DIM, a->without);
}

/* A line below all, or two where the screen is narrow. */
static void draw_below(struct grid *g, struct area *area, const struct atlas *a) {
    const int rows = a->below ? paragraph_rows(area->columns - 2, a->below) : 0;
    if (rows < 1 || area->rows < 14)
        return;
    struct area below = area_take_bottom(area, rows < 2 ? rows : 2);
    area_take_left(&below, 1);
    area_take_right(&below, 1);
    paragraph_draw(g, below, STYLE_NOTICE, a->below);
}

void atlas_draw(struct grid *g, struct area area, struct atlas *a) {
    if (a->n_layers == 0) {
        draw_nothing(g, area, a);
        return;
    }
    draw_below(g, &area, a);
    struct panes p = split(a, area);
    if (p.pictures)
        atlas_pictures_draw(g, p.grid, a);
    else if (a->has_heads)
        draw_grid(g, p.grid, a);
    else
        atlas_layers_draw(g, p.grid, a);
    if (p.top.rows > 2)
        draw_top(g, p.top, a);
    if (p.head.columns > 12)
        atlas_head_draw(g, p.head, a);
    if (p.profile.rows > 2)
        draw_profile(g, p.profile, a);
}
