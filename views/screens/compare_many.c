#include "views/screens/compare_many.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/screens/map.h"
#include "views/terminal/hits.h"
#include "views/widgets/scroll.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX /* the pair has no such row or column */
#define LABEL 12
#define NUMBER 7        /* columns of a number in the list */
#define SIDE_COLUMNS 16 /* a side in it: its score and its difference */
#define CELL 6          /* of a small map */
#define LEAST_MAP 44    /* columns and rows of a small map */
#define LEAST_MAP_ROWS 11

/* ---- the pairs ---- */

void compare_many_dispose(struct compare_many *m) {
    for (size_t k = 0; k < m->n; k++)
        compare_dispose(&m->pairs[k]);
    free(m->pairs);
    free(m->row_of);
    free(m->column_of);
    *m = (struct compare_many){0};
}

static size_t count_of_a(const struct compare_pair *pairs, size_t n) {
    int64_t most = 0;
    for (size_t i = 0; i < n; i++)
        most = pairs[i].a + 1 > most ? pairs[i].a + 1 : most;
    return (size_t)most;
}

/* Where A's are among n aligned ones; how many are the other's alone. */
static size_t place(size_t *of, size_t n_a, const struct compare_pair *pairs, size_t n) {
    size_t alone = 0;
    for (size_t i = 0; i < n_a; i++)
        of[i] = NONE;
    for (size_t i = 0; i < n; i++)
        if (pairs[i].a >= 0 && (size_t)pairs[i].a < n_a)
            of[pairs[i].a] = i;
        else
            alone += pairs[i].a < 0;
    return alone;
}

void compare_many_show(struct compare_many *m, const struct compare_side *sides, size_t n_sides) {
    compare_many_dispose(m);
    m->n = n_sides - 1;
    m->pairs = mem_alloc(m->n * sizeof *m->pairs);
    for (size_t k = 0; k < m->n; k++) {
        compare_init(&m->pairs[k]);
        compare_show(&m->pairs[k], sides[0], sides[k + 1]);
    }
    m->n_rows = count_of_a(m->pairs[0].rows, m->pairs[0].n_rows);
    m->n_columns = count_of_a(m->pairs[0].columns, m->pairs[0].n_columns);
    m->row_of = mem_alloc((m->n * m->n_rows + 1) * sizeof *m->row_of);
    m->column_of = mem_alloc((m->n * m->n_columns + 1) * sizeof *m->column_of);
    for (size_t k = 0; k < m->n; k++) {
        const struct compare *c = &m->pairs[k];
        m->n_left_out += place(m->row_of + k * m->n_rows, m->n_rows, c->rows, c->n_rows);
        place(m->column_of + k * m->n_columns, m->n_columns, c->columns, c->n_columns);
    }
}

void compare_many_set_scale(struct compare_many *m, enum compare_scale scale) {
    for (size_t k = 0; k < m->n; k++)
        compare_set_scale(&m->pairs[k], scale);
}

void compare_many_move(struct compare_many *m, long rows, long columns) {
    m->row = (size_t)clamped((int64_t)m->row + rows, 0, (int64_t)m->n_rows - 1);
    m->column = (size_t)clamped((int64_t)m->column + columns, 0, (int64_t)m->n_columns - 1);
}

/* Of pair k in A (0), in the other (1), A − other (2). */
static float pair_value(const struct compare_many *m, size_t k, int which, size_t row,
                        size_t column) {
    if (k >= m->n || row >= m->n_rows || column >= m->n_columns)
        return NAN;
    const size_t r = m->row_of[k * m->n_rows + row], c = m->column_of[k * m->n_columns + column];
    return r == NONE || c == NONE ? NAN : compare_value(&m->pairs[k], which, r, c);
}

float compare_many_value(const struct compare_many *m, size_t side, size_t row, size_t column) {
    return side == 0 ? pair_value(m, 0, 0, row, column) : pair_value(m, side - 1, 1, row, column);
}

float compare_many_difference(const struct compare_many *m, size_t side, size_t row,
                              size_t column) {
    return 0 - pair_value(m, side - 1, 2, row, column); /* none of them −0 */
}

/* ---- drawing ---- */

static const char *title_of(const struct compare_many *m, size_t side) {
    return side == 0 ? m->pairs[0].a.title : m->pairs[side - 1].b.title;
}

/* All scores share one scale, and all differences another. */
static float share_of(const struct compare_many *m, bool difference, float v) {
    float most = 0;
    for (size_t k = 0; k < m->n; k++) {
        const float *size = m->pairs[k].magnitude;
        most = fmaxf(most, difference ? size[2] : fmaxf(size[0], size[1]));
    }
    return most > 0 ? v / most : 0;
}

static const char *row_text(const struct compare_many *m, size_t row) {
    const struct token *t = compare_row_token(m->pairs[0].a.shown, (int64_t)row);
    return t ? t->printable : "";
}

static const char *column_text(const struct compare_many *m, size_t column) {
    const struct attribution_sequence *a = m->pairs[0].a.shown;
    const size_t at = (size_t)a->attr_pos_start + column;
    return at < a->target.n ? a->target.items[at].printable : "";
}

static void scroll_to(struct compare_many *m, int rows, int columns) {
    if (m->row < m->top)
        m->top = m->row;
    if (rows > 0 && m->row >= m->top + (size_t)rows)
        m->top = m->row - (size_t)rows + 1;
    if (m->column < m->left)
        m->left = m->column;
    if (columns > 0 && m->column >= m->left + (size_t)columns)
        m->left = m->column - (size_t)columns + 1;
}

static void draw_number(struct grid *g, struct area a, int row, int column, int columns,
                        const struct compare_many *m, bool difference, float v) {
    char number[24] = "";
    if (isnan(v)) {
        grid_put_fit(g, a, row, column, columns, STYLE_DIM, "·", true);
        return;
    }
    map_number(number, sizeof number, v, columns - 1, true);
    grid_put_heat(g, a, row, column, columns, share_of(m, difference, v), number);
}

static void draw_label(struct grid *g, struct area a, int row, const struct compare_many *m,
                       size_t i) {
    const bool here = i == m->row;
    grid_put(g, a, row, 0, here ? STYLE_CURSOR : STYLE_TEXT, here ? "▸" : " ");
    grid_put_fit(g, a, row, 1, LABEL - 2, here ? STYLE_STRONG : STYLE_TEXT, row_text(m, i), false);
    hit_add(&g->hits, a, (struct area){row, 0, 1, LABEL}, (struct hit){HIT_ROW, (int64_t)i, 0});
}

/* ---- narrow: one generated token, a column for each result ---- */

static int sides_that_fit(const struct compare_many *m, int columns) {
    return (int)clamped((columns - LABEL) / SIDE_COLUMNS, 1, (int64_t)m->n + 1);
}

static int side_at(int side) {
    return LABEL + side * SIDE_COLUMNS;
}

static void draw_side_heads(struct grid *g, struct area head, const struct compare_many *m,
                            int sides) {
    for (int s = 0; s < sides; s++) {
        const enum style_role role = s ? STYLE_MARK_B : STYLE_MARK_A;
        char *text = mem_format("%c %s", 'A' + s, title_of(m, (size_t)s));
        grid_put_fit(g, head, 0, side_at(s), SIDE_COLUMNS - 1, role, text, false);
        if (s > 0)
            grid_put_fit(g, head, 1, side_at(s) + NUMBER, NUMBER, STYLE_DIM, "− A", true);
        free(text);
    }
}

static void draw_list_row(struct grid *g, struct area a, int at, const struct compare_many *m,
                          size_t row, int sides) {
    draw_label(g, a, at, m, row);
    for (int s = 0; s < sides; s++) {
        draw_number(g, a, at, side_at(s), NUMBER, m, false,
                    compare_many_value(m, (size_t)s, row, m->column));
        if (s > 0)
            draw_number(g, a, at, side_at(s) + NUMBER, NUMBER, m, true,
                        compare_many_difference(m, (size_t)s, row, m->column));
    }
    if (row == m->row)
        grid_set_cursor(g, a, at, 0);
}

/* What is not seen, and "Spearman with A: B .79  C .62". */
static void draw_foot(struct grid *g, struct area foot, const struct compare_many *m, int sides) {
    struct text_buffer b = {0};
    if ((size_t)sides < m->n + 1)
        text_buffer_format(&b, "%zu more where it is wider   ", m->n + 1 - (size_t)sides);
    if (m->n_left_out)
        text_buffer_format(&b, "%zu rows of others left out   ", m->n_left_out);
    text_buffer_puts(&b, "Spearman with A:");
    for (size_t k = 0; k < m->n; k++) {
        const size_t c = m->column_of[k * m->n_columns + m->column];
        const float rho = c == NONE ? NAN : m->pairs[k].agreement[c].spearman;
        char number[16] = "none";
        if (!isnan(rho))
            map_number(number, sizeof number, rho, 5, false);
        text_buffer_format(&b, "  %c %s", (int)('B' + k), number + strspn(number, " "));
    }
    grid_put_fit(g, foot, 0, 1, foot.columns - 2, STYLE_NOTICE, b.text, false);
    text_buffer_dispose(&b);
}

static void draw_list(struct grid *g, struct area box, struct compare_many *m) {
    const int sides = sides_that_fit(m, box.columns - 2);
    const char *hint = m->hint ? m->hint : "";
    char *title = mem_format("A to %c for “%s”", (int)('A' + m->n), column_text(m, m->column)),
         *right = mem_format("%zu of %zu   %s", m->column + 1, m->n_columns, hint);
    grid_box(g, box, true, title, right);
    free(title);
    free(right);
    struct area inner = area_inner(box), head = area_take_top(&inner, 2),
                foot = area_take_bottom(&inner, inner.rows > 4);
    scroll_to(m, inner.rows, 1);
    draw_side_heads(g, head, m, sides);
    const struct scroll s = {.rows = scroll_axis(m->top, (size_t)inner.rows, m->n_rows)};
    scroll_box(g, box, &s);
    for (int i = 0; i < inner.rows && m->top + (size_t)i < m->n_rows; i++)
        draw_list_row(g, inner, i, m, m->top + (size_t)i, sides);
    draw_foot(g, foot, m, sides);
}

/* ---- wide: a small map for each ---- */

static void draw_cell(struct grid *g, struct area inner, int at_row, int at, struct compare_many *m,
                      size_t side, size_t row, size_t column) {
    const float v = side == 0 ? compare_many_value(m, 0, row, column)
                              : compare_many_difference(m, side, row, column);
    const bool here = row == m->row && column == m->column;
    draw_number(g, inner, at_row, at, CELL, m, side > 0, v);
    hit_add(&g->hits, inner, (struct area){at_row, at, 1, CELL},
            (struct hit){HIT_CELL, (int64_t)row, (int64_t)column});
    if (here)
        grid_mark(g, inner, at_row, at, CELL, false, true, true);
    if (here && side == 0)
        grid_set_cursor(g, inner, at_row, at);
}

static void draw_small(struct grid *g, struct area box, struct compare_many *m, size_t side,
                       int columns) {
    const char letter = (char)('A' + side);
    char *title = side ? mem_format("%c − A  %s", letter, title_of(m, side))
                       : mem_format("A  %s", title_of(m, 0));
    grid_box(g, box, side == 0, title, NULL);
    free(title);
    struct area inner = area_inner(box);
    const struct scroll s = {.rows = scroll_axis(m->top, (size_t)inner.rows - 1, m->n_rows),
                             .columns = scroll_axis(m->left, (size_t)columns, m->n_columns)};
    scroll_box(g, box, &s);
    for (int k = 0; k < columns && m->left + (size_t)k < m->n_columns; k++) {
        const size_t column = m->left + (size_t)k;
        grid_put_fit(g, inner, 0, LABEL + k * CELL, CELL - 1,
                     column == m->column ? STYLE_STRONG : STYLE_DIM, column_text(m, column), false);
        hit_add(&g->hits, inner, (struct area){0, LABEL + k * CELL, 1, CELL},
                (struct hit){HIT_COLUMN, 0, (int64_t)column});
    }
    for (int i = 1; i < inner.rows && m->top + (size_t)i - 1 < m->n_rows; i++) {
        draw_label(g, inner, i, m, m->top + (size_t)i - 1);
        for (int k = 0; k < columns && m->left + (size_t)k < m->n_columns; k++)
            draw_cell(g, inner, i, LABEL + k * CELL, m, side, m->top + (size_t)i - 1,
                      m->left + (size_t)k);
    }
}

/* How many small maps stand beside each other; 0: there is no room for all. */
static int maps_across(const struct compare_many *m, struct area area) {
    const int n = (int)m->n + 1;
    for (int across = (int)clamped(area.columns / LEAST_MAP, 0, n); across > 1; across--)
        if ((area.rows - 1) / ((n + across - 1) / across) >= LEAST_MAP_ROWS)
            return across;
    return 0;
}

static void draw_maps(struct grid *g, struct area area, struct compare_many *m, int across) {
    const int n = (int)m->n + 1, down = (n + across - 1) / across;
    struct area foot = area_take_bottom(&area, 1);
    const int wide = area.columns / across, high = area.rows / down,
              columns = (wide - 2 - LABEL) / CELL;
    scroll_to(m, high - 3, columns);
    for (int s = 0; s < n; s++) {
        const struct area box = {area.row + s / across * high, area.column + s % across * wide,
                                 high, wide};
        draw_small(g, box, m, (size_t)s, columns);
    }
    draw_foot(g, foot, m, n);
}

void compare_many_draw(struct grid *g, struct area area, struct compare_many *m) {
    const int across = maps_across(m, area);
    if (m->n_rows == 0 || m->n_columns == 0)
        grid_box(g, area, true, "compare", NULL);
    else if (across)
        draw_maps(g, area, m, across);
    else
        draw_list(g, area, m);
}
