#include "views/screens/atlas_pictures.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "views/screens/atlas_cells.h"
#include "views/screens/atlas_sinks.h"
#include "views/screens/colours.h"
#include "views/terminal/hits.h"
#include "views/widgets/scroll.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a picture, without the free column beside it and the number above it. */
#define LEAST_WIDTH 4
#define MOST_WIDTH 18
#define LEAST_ROWS 3
#define MOST_ROWS 9

struct layout {
    int width, rows; /* of a picture on the screen */
    int64_t heads, layers;
};

static int width_in(const struct atlas *a, int columns) {
    const int64_t room = columns - 2 - ATLAS_LABEL_COLUMNS;
    return (int)clamped(room / (a->n_heads > 0 ? a->n_heads : 1) - 1, LEAST_WIDTH, MOST_WIDTH);
}

int atlas_pictures_columns(const struct atlas *a, int most) {
    const int64_t wish = ATLAS_LABEL_COLUMNS + 2 + a->n_heads * (width_in(a, most) + 1);
    return (int)clamped(wish, 34, most);
}

static struct layout lay_out(const struct atlas *a, struct area box, struct area cells) {
    struct layout l = {.width = width_in(a, box.columns)};
    l.rows =
        (int)clamped(cells.rows / (a->n_layers > 0 ? a->n_layers : 1) - 1, LEAST_ROWS, MOST_ROWS);
    l.heads = (cells.columns - ATLAS_LABEL_COLUMNS) / (l.width + 1);
    l.layers = cells.rows / (l.rows + 1); /* whole ones */
    return l;
}

/* --- the pictures --- */

/* Points for `n` tokens: as many as fit, each token the same. */
static int points_of(int64_t n, int most) {
    if (n < 1)
        return 1;
    return n >= most ? most : (int)(most / n * n);
}

static void take_larger(float *to, float value) {
    if (!isnan(value) && !(fabsf(*to) >= fabsf(value)))
        *to = value;
}

/* A score of all heads, in the order in which they lie in memory, into the points [from, to) of
 * each of its picture's rows and columns. */
struct points {
    int64_t from, to;
};

static struct points points_at(int64_t i, int64_t n, int points) {
    if (points >= n)
        return (struct points){i * (points / n), (i + 1) * (points / n)};
    return (struct points){i * points / n, i * points / n + 1};
}

static void add_scores(struct atlas_pictures *p, const struct atlas *a, int64_t row, int64_t column,
                       struct points rows, struct points columns) {
    const int64_t size = (int64_t)p->width * p->height;
    for (int64_t head = 0; head < a->n_layers * a->n_heads; head++)
        for (int64_t y = rows.from; y < rows.to; y++)
            for (int64_t x = columns.from; x < columns.to; x++)
                take_larger(&p->values[head * size + y * p->width + x],
                            atlas_score(a, row, column, head));
}

/* By each head's own largest. */
static void scale(struct atlas_pictures *p, int64_t n_heads) {
    const int64_t size = (int64_t)p->width * p->height;
    p->signs = false;
    for (int64_t head = 0; head < n_heads; head++) {
        float *of = p->values + head * size, most = 0;
        for (int64_t i = 0; i < size; i++) {
            most = fabsf(of[i]) > most ? fabsf(of[i]) : most;
            p->signs |= of[i] < 0;
        }
        for (int64_t i = 0; i < size && most > 0; i++)
            of[i] /= most;
    }
}

static void make(struct atlas *a, int width, int height) {
    const struct scores *s = a->sides[a->i_side].scores;
    const int64_t n_rows = s->dims[0], n_columns = s->dims[1], n_heads = a->n_layers * a->n_heads;
    struct atlas_pictures *p = &a->pictures;
    p->width = width;
    p->height = height;
    p->values = mem_resize(p->values, (size_t)(n_heads * width * height) * sizeof *p->values);
    for (int64_t i = 0; i < n_heads * width * height; i++)
        p->values[i] = NAN;
    for (int64_t row = 0; row < n_rows; row++)
        for (int64_t column = 0; column < n_columns; column++)
            add_scores(p, a, row, column, points_at(row, n_rows, height),
                       points_at(column, n_columns, width));
    scale(p, n_heads);
}

/* --- drawing --- */

static void draw_picture(struct grid *g, struct area at, const struct atlas *a, int64_t layer,
                         int64_t head) {
    const struct atlas_pictures *p = &a->pictures;
    const float *of = p->values + (layer * a->n_heads + head) * p->width * p->height;
    const enum heat_scale scale = p->signs ? HEAT_SIGNED : HEAT_UNSIGNED;
    if (isnan(atlas_shown_heat(a, layer, head)))
        return;
    for (int y = 0; y < p->height; y += 2)
        for (int x = 0; x < p->width; x++)
            grid_put_half(g, at, y / 2, x, scale, of[y * p->width + x],
                          y + 1 < p->height ? of[(y + 1) * p->width + x] : NAN);
}

static void draw_numbers(struct grid *g, struct area line, const struct atlas *a,
                         const struct layout *l) {
    grid_put(g, line, 0, 1, STYLE_DIM, "L\\H");
    for (int64_t i = 0; i < l->heads && a->left + i < a->n_heads; i++) {
        const int64_t head = a->left + i;
        const enum style_role role = head == a->head ? STYLE_STRONG : STYLE_DIM;
        const struct area at = {0, ATLAS_LABEL_COLUMNS + (int)i * (l->width + 1), 1, l->width};
        grid_format(g, line, 0, at.column + 1, role, "%ld", (long)head);
        hit_add(&g->hits, line, at, (struct hit){HIT_COLUMN, 0, head});
    }
}

static void draw_layer(struct grid *g, struct area block, const struct atlas *a,
                       const struct layout *l, int64_t layer, bool diverging) {
    atlas_label_draw(g, block, 0, layer, layer == a->layer);
    hit_add(&g->hits, block, (struct area){0, 0, block.rows, ATLAS_LABEL_COLUMNS},
            (struct hit){HIT_ROW, layer, 0});
    for (int64_t i = 0; i < l->heads && a->left + i < a->n_heads; i++) {
        const int64_t head = a->left + i;
        const int column = ATLAS_LABEL_COLUMNS + (int)i * (l->width + 1),
                  width = l->width < 5 ? l->width : 5;
        const struct area at = {block.row + 1, block.column + column, block.rows - 1, l->width};
        atlas_cell_draw(g, block, 0, column, width, a, layer, head, diverging);
        draw_picture(g, at, a, layer, head);
        hit_add(&g->hits, block, (struct area){0, column, block.rows, l->width},
                (struct hit){HIT_CELL, layer, head});
    }
}

/* First of `all` on the screen so that `at` is among the `shown`. */
static int64_t first_of(int64_t first, int64_t at, int64_t shown, int64_t all) {
    first = clamped(first, 0, all > shown ? all - shown : 0);
    if (at < first)
        return at;
    return at >= first + shown ? at - shown + 1 : first;
}

void atlas_pictures_draw(struct grid *g, struct area box, struct atlas *a) {
    const struct scores *s = a->sides[a->i_side].scores;
    const bool diverging = atlas_has_negative(a);
    struct area cells = area_inner(box), line = area_take_top(&cells, 1);
    const struct layout l = lay_out(a, box, cells);
    const int width = points_of(s->dims[1], l.width), height = points_of(s->dims[0], 2 * l.rows);
    char *title = atlas_cells_title(a);
    grid_box(g, box, true, title, a->n_sides > 1 ? a->sides[a->i_side].title : "layers × heads");
    free(title);
    if (a->pictures.width != width || a->pictures.height != height)
        make(a, width, height);
    a->top = first_of(a->top, a->layer, l.layers, a->n_layers);
    a->left = first_of(a->left, a->head, l.heads, a->n_heads);
    const struct scroll scroll = {
        scroll_axis((size_t)a->top, (size_t)l.layers, (size_t)a->n_layers),
        scroll_axis((size_t)a->left, (size_t)l.heads, (size_t)a->n_heads)};
    const struct legend legend = colours_legend(a->magnitude, diverging, "pictures: of the head");
    scroll_box(g, box, &scroll);
    legend_box(g, box, &legend, &scroll);
    draw_numbers(g, line, a, &l);
    for (int64_t i = 0; i <= l.layers && a->top + i < a->n_layers; i++) { /* the last is cut */
        struct area block = cells;
        area_take_top(&block, (int)i * (l.rows + 1));
        draw_layer(g, area_take_top(&block, l.rows + 1), a, &l, a->top + i, diverging);
    }
}
