/* The heatmap on the grid: geometry, cells, headers, step scores. */
#include "views/screens/map.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/screens/map_geometry.h"
#include "views/screens/map_marks.h"
#include "views/terminal/hits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *token_text(const struct map *m, const struct token *t, char **owned) {
    *owned = NULL;
    if (!t)
        return "?";
    if (!m->raw_tokens)
        return t->printable;
    return *owned = text_sanitise(t->piece, strlen(t->piece), true);
}

void map_page(const struct map *m, int rows, int columns, int *n_rows, int *n_columns) {
    *n_rows = *n_columns = 1;
    if (!m->shown)
        return;
    struct map_geometry y = map_measure(m, rows, columns);
    *n_rows = y.n_rows > 0 ? y.n_rows : 1;
    *n_columns = y.n_columns;
}

/* In rows, however many a line stands for. */
static struct scroll_axis hidden_rows(const struct map *m, size_t page) {
    const size_t end = m->top + page < m->n_lines ? m->top + page : m->n_lines;
    if (end <= m->top)
        return (struct scroll_axis){0, 0, m->n_rows};
    const size_t from = m->lines[m->top].from, to = m->lines[end - 1].from + m->lines[end - 1].n;
    return scroll_axis(from, to - from, m->n_rows);
}

struct scroll map_scroll(const struct map *m, int rows, int columns) {
    if (!m->shown)
        return (struct scroll){0};
    const struct map_geometry y = map_measure(m, rows, columns);
    return (struct scroll){hidden_rows(m, (size_t)y.n_rows),
                           scroll_axis((size_t)m->left, (size_t)y.n_columns, (size_t)m->n_columns)};
}

/* The first of `page` things of n on the screen so that one of them is on it; `first` if it may. */
static size_t scrolled(size_t first, size_t at, size_t page, size_t n) {
    const size_t last = n > page ? n - page : 0;
    if (at < first)
        first = at;
    if (at >= first + page)
        first = at + 1 - page;
    return first < last ? first : last;
}

void map_fit(struct map *m, int rows, int columns) {
    int n_rows, n_columns;
    if (m->shown) {
        map_set_page(m, (size_t)map_measure(m, rows, columns).room);
        map_see(m);
    }
    map_page(m, rows, columns, &n_rows, &n_columns);
    m->top = scrolled(m->top, m->row, (size_t)n_rows, m->n_lines);
    m->left = (int64_t)scrolled((size_t)m->left, (size_t)m->column, (size_t)n_columns,
                                (size_t)m->n_columns);
}

void map_center(struct map *m, int rows, int columns) {
    int n_rows, n_columns;
    map_page(m, rows, columns, &n_rows, &n_columns);
    m->top = m->row > (size_t)n_rows / 2 ? m->row - (size_t)n_rows / 2 : 0;
    m->left = m->column > n_columns / 2 ? m->column - n_columns / 2 : 0;
    map_fit(m, rows, columns);
}

/* The value as a colour: [−1, 1], or [0, 1] for magnitudes. */
static float heat_of(const struct map *m, size_t row, int64_t g, float value) {
    float full = m->magnitude;
    if (m->range == MAP_RANGE_COLUMN)
        full = m->column_magnitude[g];
    else if (m->range == MAP_RANGE_ROW)
        full = m->rows[row].magnitude;
    if (isnan(value))
        return NAN;
    if (!(full > 0))
        return 0;
    float x = value / full;
    if (m->scale == MAP_LOG) { /* 1/1000 of the largest and less: nothing */
        float size = 1 + log10f(fmaxf(fabsf(x), 1e-3f)) / 3;
        x = x < 0 ? -size : size;
    }
    return m->scale == MAP_MAGNITUDE ? fabsf(x) : x;
}

/* A cell's number at the left of it, below its head: a cell grows at its right. */
static void cell_text(char *buf, size_t n, const struct map *m, const struct map_geometry *y, int c,
                      float value) {
    char number[32];
    buf[0] = 0;
    if (!m->numbers || y->cell < MAP_NUMBER_CELL)
        return;
    map_number(number, sizeof number, m->scale == MAP_MAGNITUDE ? fabsf(value) : value, y->cell - 2,
               map_is_signed(m));
    snprintf(buf, n, "%s%*s", number, map_column_wide(y, c) - y->cell + 1, "");
}

static void draw_cell(struct grid *grid, struct area a, const struct map *m,
                      const struct map_geometry *y, int r, int c) {
    const size_t row = m->order[m->lines[m->top + (size_t)r].from];
    const int64_t g = m->left + c;
    const int at_row = y->header + r, at = map_column_at(y, c), wide = map_column_wide(y, c);
    const float value = map_value(m, row, g), heat = heat_of(m, row, g, value);
    char number[UINT8_MAX + 64];
    if (!map_column_done(m, g) && isnan(value)) {
        if (m->context && !context_view_token(m->context, g))
            return; /* nothing is computed where the context changes nothing */
        grid_put(grid, a, at_row, at + (y->cell - 1) / 2, STYLE_DIM, m->stopped ? "x" : ".");
    } else if (isnan(value) && map_sees(m, row, g)) {
        grid_put_fit(grid, a, at_row, at, y->cell >= MAP_NUMBER_CELL ? y->cell - 1 : y->cell,
                     STYLE_DIM, y->cell >= 3 ? "nan" : "?", true);
    } else if (!isnan(value)) {
        cell_text(number, sizeof number, m, y, c, value);
        if (map_is_signed(m))
            grid_put_heat(grid, a, at_row, at, wide, heat, number);
        else
            grid_put_magnitude(grid, a, at_row, at, wide, fabsf(heat), number);
    }
}

/* --- labels and heads -------------------------------------------------------------------- */

static enum style_role row_role(const struct map_row *row, const struct token *t, bool here) {
    if (row->match)
        return STYLE_MATCH;
    if (row->marked)
        return STYLE_MARK_A;
    if (here)
        return STYLE_STRONG;
    return t && t->special ? STYLE_SPECIAL_TOKEN : STYLE_TEXT;
}

static enum style_role column_role(const struct map *m, int64_t g, const struct token *t) {
    if (g == m->column)
        return STYLE_STRONG;
    if (!map_column_done(m, g))
        return STYLE_DIM;
    return t && t->special ? STYLE_SPECIAL_TOKEN : STYLE_TITLE;
}

static void draw_label(struct grid *grid, struct area a, const struct map *m,
                       const struct map_geometry *y, int r) {
    size_t shown_row = m->top + (size_t)r, row = m->order[m->lines[shown_row].from];
    const struct map_row *info = &m->rows[row];
    const struct token *t = map_row_token(m, row);
    int at_row = y->header + r, index = y->index;
    char *owned, prefix[32];
    const char *side = info->target ? "t" : "s";
    snprintf(prefix, sizeof prefix, "%s%lld", m->both_sides ? side : "",
             (long long)info->index + 1);
    grid_put(grid, a, at_row, 0, shown_row == m->row ? STYLE_CURSOR : STYLE_TEXT,
             shown_row == m->row ? ">" : " ");
    map_draw_row_mark(grid, a, m, at_row, info);
    grid_put_fit(grid, a, at_row, 2, index - 3, STYLE_DIM, prefix, true);
    enum style_role role = row_role(info, t, shown_row == m->row);
    grid_put_fit(grid, a, at_row, index, y->label - index - 1, role, token_text(m, t, &owned),
                 false);
    free(owned);
}

#define ARROW_COLUMNS 2
#define LEAST_CUT 3  /* columns of a head that is cut with a mark */
#define LEAST_FOIL 3 /* columns of a foil that still say something, a blank among them */

/* As many glyphs as fit, without the mark of a blank before them or of what is cut: it would be all
 * that there is. */
static void first_glyphs(char *buf, const char *text, int columns) {
    char glyph[CELL_BYTES];
    const size_t n_blank = strlen("·");
    buf[0] = 0;
    if (strncmp(text, "·", n_blank) == 0 && text[n_blank])
        text += n_blank;
    for (int wide; (wide = grid_next_glyph(glyph, &text)) > 0 && wide <= columns; columns -= wide)
        strcat(buf, glyph);
}

char *map_head(const struct map *m, const struct token *t, int columns) {
    const size_t n = (size_t)(columns > 0 ? columns : 0) * CELL_BYTES + 1;
    char *owned, *head = mem_alloc(n);
    const char *text = token_text(m, t, &owned), *own = t && !owned ? map_own_text(t) : text;
    const int rest = columns - ARROW_COLUMNS - text_columns(own);
    if (columns < LEAST_CUT) {
        first_glyphs(head, own, columns);
    } else if (own > text && text_columns(text) > columns && rest >= LEAST_FOIL) {
        text_fit(head, n, text, rest - 1, false);
        snprintf(head + strlen(head), n - strlen(head), " → %s", own);
    } else {
        text_fit(head, n, text_columns(text) > columns ? own : text, columns, false);
    }
    free(owned);
    return head;
}

/* The foil of a column of one step, of "foil → token"; owned by the caller. */
static char *foil_text(const struct token *t) {
    const size_t n = strlen(t->printable), n_own = strlen(map_own_text(t)) + strlen(" → ");
    return mem_text_n(t->printable, n > n_own ? n - n_own : n); /* a file may name it otherwise */
}

/* How much more probable what was written is than the column's foil; NaN: not known. */
static float probability_gap(const struct map *m, int64_t g, const char *foil) {
    const struct step_candidates *c = m->shown->candidates ? &m->shown->candidates[g] : NULL;
    const struct token *t = map_column_token(m, g);
    float own = NAN, other = NAN;
    for (size_t i = 0; c && i < c->n; i++) {
        if (strcmp(c->items[i].printable, map_own_text(t)) == 0)
            own = c->items[i].probability;
        if (strcmp(c->items[i].printable, foil) == 0)
            other = c->items[i].probability;
    }
    return own - other;
}

/* Of several foils at one step: each by itself, and Δp below it. */
static void draw_foil_head(struct grid *grid, struct area a, const struct map *m, int64_t g, int at,
                           int wide, bool number) {
    char gap[32] = "", *foil = foil_text(map_column_token(m, g));
    const float p = probability_gap(m, g, foil);
    if (isnan(p))
        snprintf(gap, sizeof gap, "?");
    else
        map_number(gap, sizeof gap, p, MAP_NUMBER_CELL - 1, true);
    grid_put_fit(grid, a, 0, at, wide, column_role(m, g, NULL), foil, false);
    if (number)
        grid_put_fit(grid, a, 1, at - 1, wide, STYLE_MARK_B, gap, false);
    free(foil);
}

static void draw_head(struct grid *grid, struct area a, const struct map *m,
                      const struct map_geometry *y, int c) {
    const int64_t g = m->left + c;
    const struct token *t = map_column_token(m, g);
    const int at = map_column_at(y, c) + (y->cell >= MAP_NUMBER_CELL),
              wide = map_column_at(y, c + 1) - at - (y->cell == 3);
    char *head = map_head(m, t, wide);
    if (m->shown->one_step)
        draw_foil_head(grid, a, m, g, at, wide, y->cell >= MAP_NUMBER_CELL);
    else
        grid_put_fit(grid, a, 0, at, wide, column_role(m, g, t), head, false);
    if (m->context)
        map_draw_changed(grid, a, m, y, c);
    if (g == m->column)
        grid_mark(grid, a, 0, at, wide, false, true, false);
    free(head);
}

static void draw_header(struct grid *grid, struct area a, const struct map *m,
                        const struct map_geometry *y) {
    grid_put_fit(grid, a, 0, y->index, y->label - y->index, STYLE_DIM, "token", false);
    if (m->shown->one_step)
        grid_put_fit(grid, a, 1, y->index, y->label - y->index, STYLE_MARK_B, "Δp", false);
    if (m->context)
        grid_put_fit(grid, a, y->header - 1, y->index, y->label - y->index, STYLE_MARK_B,
                     CONTEXT_CHANGED " changed", false);
    for (int c = 0; c < y->n_columns && m->left + c < m->n_columns; c++)
        draw_head(grid, a, m, y, c);
    if (y->sum_column >= 0)
        grid_put_fit(grid, a, 0, y->sum_column, MAP_SUM_COLUMNS - 1, STYLE_DIM, "sum", true);
}

static void draw_step_scores(struct grid *grid, struct area a, const struct map *m,
                             const struct map_geometry *y) {
    for (int i = 0; i < y->n_scores; i++) {
        const struct named_scores *s = &m->shown->step_scores[i];
        char *name = text_sanitise(s->name, strlen(s->name), false);
        grid_put_fit(grid, a, y->scores_row + i, 3, y->label - 4, STYLE_TITLE, name, false);
        free(name);
        for (int c = 0; c < y->n_columns && m->left + c < m->n_columns; c++) {
            int64_t g = m->left + c;
            float v = s->scores.data && g < s->scores.dims[0] ? s->scores.data[g] : NAN;
            char number[32];
            if (y->cell < 6)
                continue;
            map_number(number, sizeof number, v, y->cell - 2, v < 0);
            if (isnan(v) && !map_column_done(m, g))
                grid_put(grid, a, y->scores_row + i, map_column_at(y, c) + (y->cell - 1) / 2,
                         STYLE_DIM, m->stopped ? "x" : ".");
            else
                grid_put(grid, a, y->scores_row + i, map_column_at(y, c) + 1,
                         g == m->column ? STYLE_STRONG : STYLE_TEXT, isnan(v) ? "  nan" : number);
        }
    }
}

/* What the mouse finds: cells, and a column's head and step scores, and a row's label and sum. */
static void add_hits(struct grid *grid, struct area a, const struct map *m,
                     const struct map_geometry *y) {
    const int rows = (int)clamped((int64_t)(m->n_lines - m->top), 0, y->n_rows);
    const struct hit row = {HIT_ROW, (int64_t)m->top, 0};
    hit_add_each(&grid->hits, a, (struct area){y->header, 0, rows, y->label}, row, 1, 0);
    hit_add(&grid->hits, a, (struct area){0, 0, 1, y->label},
            (struct hit){HIT_SORT, 0, MAP_ORDER_TEXT});
    for (int c = 0; c < y->n_columns && m->left + c < m->n_columns; c++) {
        const int at = map_column_at(y, c), wide = map_column_wide(y, c);
        const struct hit column = {HIT_COLUMN, 0, m->left + c};
        hit_add(&grid->hits, a, (struct area){0, at, y->header, wide}, column);
        hit_add(&grid->hits, a, (struct area){y->scores_row, at, y->n_scores, wide}, column);
        hit_add_each(&grid->hits, a, (struct area){y->header, at, rows, wide},
                     (struct hit){HIT_CELL, (int64_t)m->top, m->left + c}, 1, 0);
    }
    if (y->sum_column < 0)
        return;
    hit_add(&grid->hits, a, (struct area){0, y->sum_column, 1, MAP_SUM_COLUMNS},
            (struct hit){HIT_SORT, 0, MAP_ORDER_SUM});
    hit_add_each(&grid->hits, a, (struct area){y->header, y->sum_column, rows, MAP_SUM_COLUMNS},
                 row, 1, 0);
}

static void draw_row(struct grid *grid, struct area a, const struct map *m,
                     const struct map_geometry *y, int r) {
    const size_t line = m->top + (size_t)r;
    char number[32];
    if (m->lines[line].n > 1) {
        map_draw_fold(grid, a, m, y, r);
    } else {
        draw_label(grid, a, m, y, r);
        for (int c = 0; c < y->n_columns && m->left + c < m->n_columns; c++)
            draw_cell(grid, a, m, y, r, c);
    }
    if (y->sum_column < 0)
        return;
    map_number(number, sizeof number, map_line_value(m, line, -1), 5, m->any_negative);
    grid_put_fit(grid, a, y->header + r, y->sum_column, MAP_SUM_COLUMNS - 1, STYLE_DIM, number,
                 true);
}

void map_draw(struct grid *grid, struct area a, const struct map *m) {
    if (!m->shown || m->n_columns == 0)
        return;
    struct map_geometry y = map_measure(m, a.rows, a.columns);
    add_hits(grid, a, m, &y);
    draw_header(grid, a, m, &y);
    for (int r = 0; r < y.n_rows && m->top + (size_t)r < m->n_lines; r++)
        draw_row(grid, a, m, &y, r);
    map_draw_overview(grid, a, m, &y);
    draw_step_scores(grid, a, m, &y);
    map_draw_selection(grid, a, m, &y);
    if (m->n_rows > 0)
        map_draw_cursor(grid, a, m, &y);
    else /* step scores only (dummy): the cursor rests on the column's head */
        grid_set_cursor(grid, a, 0, map_column_at(&y, (int)(m->column - m->left)) + 1);
}
