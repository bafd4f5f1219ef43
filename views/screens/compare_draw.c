/* Drawing a comparison: wide terminals get three maps side by side, narrow ones a column with
 * bars. */
#include "views/screens/compare.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/screens/colours.h"
#include "views/screens/map.h"
#include "views/terminal/hits.h"
#include "views/widgets/bar.h"
#include "views/widgets/scroll.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDE_COLUMNS 120
#define LABEL 12
#define CELL 6

/* What full colour, or a full bar, is: A and B have one scale, so that equal colours are equal
 * numbers; the difference has its own. */
static float full_of(const struct compare *c, int which) {
    return which == 2 ? c->magnitude[2] : fmaxf(c->magnitude[0], c->magnitude[1]);
}

static float scaled(const struct compare *c, int which, float v) {
    const float most = full_of(c, which);
    return most > 0 ? v / most : 0;
}

/* The texts of a pair: the one both have, or "x → y" where they differ. Owned by the caller. */
static char *pair_text(const struct token *a, const struct token *b) {
    if (a && b && strcmp(a->printable, b->printable) != 0)
        return mem_format("%s/%s", a->printable, b->printable);
    const struct token *one = a ? a : b;
    return mem_text(one ? one->printable : "");
}

static const struct token *column_token(const struct compare_side *side, int64_t column) {
    return column < 0 ? NULL : &side->shown->target.items[side->shown->attr_pos_start + column];
}

static char *row_text(const struct compare *c, size_t row) {
    return pair_text(compare_row_token(c->a.shown, c->rows[row].a),
                     compare_row_token(c->b.shown, c->rows[row].b));
}

static char *column_text(const struct compare *c, size_t column) {
    return pair_text(column_token(&c->a, c->columns[column].a),
                     column_token(&c->b, c->columns[column].b));
}

/* The first columns of a token's text, its leading blank apart. */
static void put_start(char *buf, size_t n, const struct token *t, int columns) {
    const char *text = t->printable;
    if (strncmp(text, "·", strlen("·")) == 0)
        text += strlen("·");
    text_fit(buf, n, text, columns + 1, false);
    if (text_columns(text) > columns && *buf) /* the mark of a cut, or the character there */
        buf[strlen(buf) - 1] = 0;
}

/* Both texts of a pair in so many columns, each cut to its half: "Ro/Pa" of "·Rome" and "·Paris".
 * Owned by the caller. */
static char *halved_text(const struct token *a, const struct token *b, int columns) {
    char *whole = pair_text(a, b), left[48], right[48];
    if (!a || !b || text_columns(whole) <= columns || strcmp(a->printable, b->printable) == 0)
        return whole;
    free(whole);
    put_start(left, sizeof left, a, (columns - 1) / 2);
    put_start(right, sizeof right, b, (columns - 1) / 2);
    return mem_format("%s/%s", left, right);
}

/* What heads a row or a column of A (0), of B (1), or of both (2), for so many columns. */
static char *side_text(int which, const struct token *a, const struct token *b, int columns) {
    const struct token *one = which == 0 ? a : b;
    if (which == 2)
        return halved_text(a, b, columns);
    return mem_text(one ? one->printable : "");
}

static char *row_head(const struct compare *c, int which, size_t row, int columns) {
    return side_text(which, compare_row_token(c->a.shown, c->rows[row].a),
                     compare_row_token(c->b.shown, c->rows[row].b), columns);
}

static char *column_head(const struct compare *c, int which, size_t column, int columns) {
    return side_text(which, column_token(&c->a, c->columns[column].a),
                     column_token(&c->b, c->columns[column].b), columns);
}

static void scroll(struct compare *c, int rows, int columns) {
    if (c->row < c->top)
        c->top = c->row;
    if (rows > 0 && c->row >= c->top + (size_t)rows)
        c->top = c->row - (size_t)rows + 1;
    if (c->column < c->left)
        c->left = c->column;
    if (columns > 0 && c->column >= c->left + (size_t)columns)
        c->left = c->column - (size_t)columns + 1;
}

static struct scroll hidden(const struct compare *c, int rows, int columns) {
    return (struct scroll){
        scroll_axis(c->top, (size_t)(rows > 0 ? rows : 0), c->n_rows),
        scroll_axis(columns > 1 ? c->left : c->column, (size_t)columns, c->n_columns)};
}

static void put_agreement(char *buf, size_t n_buf, const struct compare_agreement *x) {
    char rho[16] = "–", largest[16];
    if (!isnan(x->spearman))
        map_number(rho, sizeof rho, x->spearman, 4, false);
    map_number(largest, sizeof largest, x->largest, 4, false);
    snprintf(buf, n_buf, "Spearman %s   top-%d %d/%d   sign %d/%d   largest difference %s",
             rho + strspn(rho, " "), 5, x->top, x->top_of, x->sign, x->sign_of,
             largest + strspn(largest, " "));
}

/* ---- narrow: one generated token, both results as bars around zero ---- */

/* A value and a bar from the middle of what is left of `columns`. */
static void draw_bar(struct grid *g, struct area a, int row, int column, int columns,
                     const struct compare *c, int which, float v) {
    char number[16];
    const int room = columns - 8;
    if (isnan(v)) {
        grid_put_fit(g, a, row, column, columns, STYLE_DIM, "   ·", false);
        return;
    }
    map_number(number, sizeof number, v, 6, true);
    grid_put(g, a, row, column, STYLE_TEXT, number);
    if (room < 5)
        return;
    bar_draw_signed(g, a, row, column + 7, room / 2 * 2 + 1, (double)scaled(c, which, v), BAR_BARE);
}

/* What bars of full length stand for, in the lower edge. */
static void tell_bars(struct grid *g, struct area box, const struct compare *c) {
    char both[16], difference[16];
    map_number(both, sizeof both, full_of(c, 0), 4, false);
    map_number(difference, sizeof difference, full_of(c, 2), 4, false);
    grid_format(g, box, box.rows - 1, 2, STYLE_DIM, " full bar: A and B ±%s, A − B ±%s ",
                both + strspn(both, " "), difference + strspn(difference, " "));
}

static void draw_column(struct grid *g, struct area box, struct compare *c) {
    char *name = column_text(c, c->column), *title = mem_format("A and B for “%s”", name),
         right[64];
    snprintf(right, sizeof right, "%zu of %zu%s%s", c->column + 1, c->n_columns,
             c->hint ? "   " : "", c->hint ? c->hint : "");
    grid_box(g, box, true, title, right);
    free(title);
    free(name);
    struct area inner = area_inner(box), head = area_take_top(&inner, 1), foot = {0};
    if (inner.rows > 4)
        foot = area_take_bottom(&inner, 1);
    scroll(c, inner.rows, 1);
    int bars = (inner.columns - LABEL - 3) / 3;
    const char *const titles[] = {c->a.title, c->b.title, "A − B"};
    static const enum style_role roles[] = {STYLE_MARK_A, STYLE_MARK_B, STYLE_STRONG};
    for (int which = 0; which < 3; which++) {
        char *text =
            which < 2 ? mem_format("%c %s", 'A' + which, titles[which]) : mem_text(titles[which]);
        grid_put_fit(g, head, 0, LABEL + 2 + which * bars, bars - 1, roles[which], text, false);
        free(text);
    }
    const struct scroll more = hidden(c, inner.rows, 1);
    scroll_box(g, box, &more);
    tell_bars(g, box, c);
    for (int i = 0; i < inner.rows && c->top + (size_t)i < c->n_rows; i++) {
        size_t row = c->top + (size_t)i;
        char *text = row_text(c, row);
        bool here = row == c->row;
        hit_add(&g->hits, inner, (struct area){i, 0, 1, inner.columns},
                (struct hit){HIT_ROW, (int64_t)row, 0});
        grid_put(g, inner, i, 0, here ? STYLE_STRONG : STYLE_TEXT, here ? "▸" : " ");
        grid_put_fit(g, inner, i, 2, LABEL - 1, here ? STYLE_STRONG : STYLE_TEXT, text, false);
        free(text);
        for (int which = 0; which < 3; which++)
            draw_bar(g, inner, i, LABEL + 2 + which * bars, bars - 1, c, which,
                     compare_value(c, which, row, c->column));
        if (here)
            grid_set_cursor(g, inner, i, 0);
    }
    if (foot.rows > 0 && c->n_columns > 0) {
        char text[160];
        put_agreement(text, sizeof text, &c->agreement[c->column]);
        grid_put_fit(g, foot, 0, 2, foot.columns - 2, STYLE_NOTICE, text, false);
    }
}

/* ---- wide: three maps and a table ---- */

static void draw_map(struct grid *g, struct area box, const struct compare *c, int which,
                     const char *title, int columns) {
    grid_box(g, box, which == 2, title, NULL);
    struct area inner = area_inner(box);
    const struct scroll more = hidden(c, inner.rows - 1, columns);
    const struct legend legend =
        colours_legend(full_of(c, which), true, which < 2 ? "A and B alike" : NULL);
    scroll_box(g, box, &more);
    legend_box(g, box, &legend, &more);
    const int64_t shown = clamped((int64_t)(c->n_columns - c->left), 0, columns),
                  rows = clamped((int64_t)(c->n_rows - c->top), 0, inner.rows - 1);
    const struct area cells = {1, LABEL, (int)rows, (int)shown * CELL};
    hit_add_each(&g->hits, inner, (struct area){1, 0, (int)rows, LABEL},
                 (struct hit){HIT_ROW, (int64_t)c->top, 0}, 1, 0);
    hit_add_each(&g->hits, inner, (struct area){0, LABEL, 1, cells.columns},
                 (struct hit){HIT_COLUMN, 0, (int64_t)c->left}, 0, CELL);
    hit_add_each(&g->hits, inner, cells, (struct hit){HIT_CELL, (int64_t)c->top, (int64_t)c->left},
                 1, CELL);
    for (int k = 0; k < columns && c->left + (size_t)k < c->n_columns; k++) {
        char *text = column_head(c, which, c->left + (size_t)k, CELL - 1);
        grid_put_fit(g, inner, 0, LABEL + k * CELL, CELL - 1,
                     c->left + (size_t)k == c->column ? STYLE_STRONG : STYLE_DIM, text, false);
        free(text);
    }
    for (int i = 1; i < inner.rows && c->top + (size_t)i - 1 < c->n_rows; i++) {
        size_t row = c->top + (size_t)i - 1;
        char *text = row_head(c, which, row, LABEL - 2), number[16];
        grid_put(g, inner, i, 0, STYLE_STRONG, row == c->row ? "▸" : " ");
        grid_put_fit(g, inner, i, 1, LABEL - 2, row == c->row ? STYLE_STRONG : STYLE_TEXT, text,
                     false);
        free(text);
        for (int k = 0; k < columns && c->left + (size_t)k < c->n_columns; k++) {
            size_t column = c->left + (size_t)k;
            float v = compare_value(c, which, row, column);
            int at = LABEL + k * CELL;
            bool here = row == c->row && column == c->column;
            if (isnan(v)) {
                grid_put(g, inner, i, at, STYLE_DIM, "   ·");
            } else {
                map_number(number, sizeof number, v, CELL - 2, true);
                grid_put_heat(g, inner, i, at, CELL, scaled(c, which, v), "");
                grid_put_heat(g, inner, i, at + 1, CELL - 2, scaled(c, which, v), number);
            }
            if (here) {
                struct cell *cell = grid_at(g, inner.row + i, inner.column + at);
                if (cell && cell->role == STYLE_HEAT) {
                    strcpy(cell->text, "[");
                    strcpy(cell[CELL - 1].text, "]");
                    cell->heat_kind = cell[CELL - 1].heat_kind = HEAT_TEXT;
                }
                grid_mark(g, inner, i, at, CELL, false, false, true);
                if (which == 2)
                    grid_set_cursor(g, inner, i, at + 1);
            }
        }
    }
}

static void draw_table(struct grid *g, struct area box, const struct compare *c) {
    static const char *const names[] = {"step", "Spearman", "top 5", "sign", "max |A−B|"};
    grid_box(g, box, false, "agreement per generated token", NULL);
    struct area inner = area_inner(box);
    int cell = 9, columns = (inner.columns - LABEL - cell) / cell;
    for (int row = 0; row < 5 && row < inner.rows; row++)
        grid_put(g, inner, row, 1, STYLE_DIM, names[row]);
    size_t left = c->column >= (size_t)columns ? c->column - (size_t)columns + 1 : 0;
    const struct scroll s = {.columns = scroll_axis(left, (size_t)columns, c->n_columns)};
    scroll_box(g, box, &s);
    for (int k = 0; k <= columns; k++) {
        size_t column = left + (size_t)k;
        bool all = k == columns || column >= c->n_columns;
        const struct compare_agreement *x = all ? &c->overall : &c->agreement[column];
        char texts[5][48] = {"all", "–"}, number[16];
        if (!all) {
            hit_add(&g->hits, inner, (struct area){0, LABEL + k * cell, inner.rows, cell},
                    (struct hit){HIT_COLUMN, 0, (int64_t)column});
            char *name = column_head(c, 2, column, cell - 1);
            text_fit(texts[0], sizeof texts[0], name, cell - 1, false);
            free(name);
        }
        if (!isnan(x->spearman)) {
            map_number(number, sizeof number, x->spearman, 4, false);
            snprintf(texts[1], sizeof texts[1], "%s", number + strspn(number, " "));
        }
        snprintf(texts[2], sizeof texts[2], "%d/%d", x->top, x->top_of);
        snprintf(texts[3], sizeof texts[3], "%d/%d", x->sign, x->sign_of);
        map_number(number, sizeof number, x->largest, 4, false);
        snprintf(texts[4], sizeof texts[4], "%s", number + strspn(number, " "));
        for (int row = 0; row < 5 && row < inner.rows; row++) {
            enum style_role role = row == 0 ? STYLE_DIM : STYLE_TEXT;
            if (all || column == c->column)
                role = STYLE_STRONG;
            grid_put(g, inner, row, LABEL + k * cell, role, texts[row]);
        }
        if (all)
            break;
    }
}

static struct area maps_area(struct area area) {
    area_take_bottom(&area, 7);
    return area;
}

static void draw_wide(struct grid *g, struct area area, struct compare *c) {
    struct area maps = maps_area(area), table = area;
    area_take_top(&table, maps.rows);
    struct area a = area_take_left(&maps, area.columns / 3),
                b = area_take_left(&maps, area.columns / 3);
    char *title_a = mem_format("A  %s", c->a.title), *title_b = mem_format("B  %s", c->b.title);
    /* The last map may be wider, but all show the same. */
    int columns = (a.columns - 2 - LABEL) / CELL;
    scroll(c, a.rows - 3, columns);
    draw_map(g, a, c, 0, title_a, columns);
    draw_map(g, b, c, 1, title_b, columns);
    draw_map(g, maps, c, 2, c->scale == COMPARE_SHARE ? "A − B, shares of the column" : "A − B",
             columns);
    draw_table(g, table, c);
    free(title_a);
    free(title_b);
}

void compare_draw(struct grid *g, struct area area, struct compare *c) {
    if (c->n_rows == 0 || c->n_columns == 0) {
        grid_box(g, area, true, "compare", NULL);
        grid_put(g, area_inner(area), 1, 2, STYLE_DIM,
                 "Mark two runs in the list of runs to compare them.");
        return;
    }
    if (area.columns >= WIDE_COLUMNS && area.rows >= 20)
        draw_wide(g, area, c);
    else
        draw_column(g, area, c);
}
