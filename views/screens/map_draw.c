/* The heatmap on the grid: geometry, cells, headers, step scores. */
#include "views/screens/map.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/terminal/hits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns of one cell at each zoom. Numbers need six: a blank on either side for the cursor's
 * brackets. */
static const int cell_columns[MAP_ZOOMS] = {10, 8, 6, 3, 2, 1};
#define SUM_COLUMNS 8
#define LEAST_LABEL 10
#define MOST_LABEL 26

/* Where things lie in an area: label at the left, header on top, step scores below. */
struct geometry {
    int label, cell, header;
    int n_rows, n_columns; /* cells that fit */
    int scores_row;        /* first of the step scores' rows */
    int n_scores;
    int sum_column; /* −1: no room */
    int head; /* columns of a column's head: more than a cell's when there is one column only */
};

void map_number(char *buf, size_t n_buf, float value, int columns, bool sign) {
    char text[32];
    if (isnan(value)) {
        snprintf(buf, n_buf, "%*s", columns, "");
        return;
    }
    const char *format = sign ? "%+.*f" : "%.*f";
    for (int digits = columns > 1 ? columns - 1 : 1; digits >= 0; digits--) {
        int n = snprintf(text, sizeof text, format, digits, (double)value);
        char *dot = strchr(text, '.');
        if (dot && dot > text && dot[-1] == '0' &&
            (dot - 1 == text || dot[-2] == '+' || dot[-2] == '-')) {
            memmove(dot - 1, dot, strlen(dot) + 1); /* .42 */
            n--;
        }
        if (n <= columns) {
            snprintf(buf, n_buf, "%*s", columns, text);
            return;
        }
    }
    snprintf(text, sizeof text, sign ? "%+.0e" : "%.0e", (double)value);
    char *e = strchr(text, 'e'); /* e+05 → e5 */
    if (e) {
        int power = atoi(e + 1);
        snprintf(e, sizeof text - (size_t)(e - text), "e%d", power);
    }
    snprintf(buf, n_buf, "%*.*s", columns, columns, text);
}

static const char *token_text(const struct map *m, const struct token *t, char **owned) {
    *owned = NULL;
    if (!t)
        return "?";
    if (!m->raw_tokens)
        return t->printable;
    return *owned = text_sanitise(t->piece, strlen(t->piece), true);
}

/* "> s12 " before a token: marker, side where there are two, index from 1. */
static int index_columns(const struct map *m) {
    int digits = 1;
    for (size_t n = m->n_rows; n >= 10; n /= 10)
        digits++;
    return 2 + (m->both_sides ? 1 : 0) + digits + 1;
}

static int label_columns(const struct map *m, int columns) {
    int widest = LEAST_LABEL;
    for (size_t i = 0; i < m->n_rows; i++) {
        const struct token *t = map_row_token(m, i);
        int n = t ? text_columns(t->printable) : 0;
        if (n > widest)
            widest = n;
    }
    for (size_t i = 0; i < m->shown->n_step_scores; i++) {
        int n = text_columns(m->shown->step_scores[i].name);
        if (n > widest + index_columns(m) - 3)
            widest = n - index_columns(m) + 3;
    }
    int most = columns / 3 < MOST_LABEL ? columns / 3 : MOST_LABEL;
    if (widest > most)
        widest = most > LEAST_LABEL ? most : LEAST_LABEL;
    return index_columns(m) + widest + 1;
}

static struct geometry measure(const struct map *m, int rows, int columns) {
    struct geometry y = {.cell = cell_columns[m->zoom], .header = 1, .sum_column = -1};
    y.label = label_columns(m, columns);
    y.n_scores = (int)m->shown->n_step_scores;
    if (y.n_scores > rows / 3)
        y.n_scores = rows / 3;
    y.n_rows = rows - y.header - y.n_scores;
    int room = columns - y.label;
    bool sum = room >= SUM_COLUMNS + 4 * y.cell && m->n_rows > 0;
    if (sum)
        room -= SUM_COLUMNS;
    y.n_columns = room / y.cell;
    if (y.n_columns > m->n_columns)
        y.n_columns = (int)m->n_columns;
    if (y.n_columns < 1)
        y.n_columns = 1;
    if (y.n_rows > (int)m->n_rows)
        y.n_rows = (int)m->n_rows;
    if (y.n_rows < 0)
        y.n_rows = 0;
    y.scores_row = y.header + y.n_rows;
    y.head = y.cell;
    if (m->n_columns == 1) { /* a foil's step: "foil → token" is worth the room */
        const struct token *t = map_column_token(m, 0);
        int wanted = t ? text_columns(t->printable) + 2 : 0;
        y.head = wanted > room ? room : (int)clamped(wanted, y.cell, room);
    }
    if (sum)
        y.sum_column = y.label + (y.n_columns > 1 ? y.n_columns * y.cell : y.head);
    return y;
}

void map_page(const struct map *m, int rows, int columns, int *n_rows, int *n_columns) {
    *n_rows = *n_columns = 1;
    if (!m->shown)
        return;
    struct geometry y = measure(m, rows, columns);
    *n_rows = y.n_rows > 0 ? y.n_rows : 1;
    *n_columns = y.n_columns;
}

struct scroll map_scroll(const struct map *m, int rows, int columns) {
    if (!m->shown)
        return (struct scroll){0};
    const struct geometry y = measure(m, rows, columns);
    return (struct scroll){scroll_axis(m->top, (size_t)y.n_rows, m->n_rows),
                           scroll_axis((size_t)m->left, (size_t)y.n_columns, (size_t)m->n_columns)};
}

void map_fit(struct map *m, int rows, int columns) {
    int n_rows, n_columns;
    map_page(m, rows, columns, &n_rows, &n_columns);
    if (m->row < m->top)
        m->top = m->row;
    if (m->row >= m->top + (size_t)n_rows)
        m->top = m->row + 1 - (size_t)n_rows;
    if (m->top + (size_t)n_rows > m->n_rows)
        m->top = m->n_rows > (size_t)n_rows ? m->n_rows - (size_t)n_rows : 0;
    if (m->column < m->left)
        m->left = m->column;
    if (m->column >= m->left + n_columns)
        m->left = m->column + 1 - n_columns;
    if (m->left + n_columns > m->n_columns)
        m->left = m->n_columns > n_columns ? m->n_columns - n_columns : 0;
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

static bool is_signed(const struct map *m) {
    return m->any_negative && m->scale != MAP_MAGNITUDE;
}

static bool in_selection(const struct map *m, size_t row, int64_t g) {
    if (!m->selecting)
        return false;
    size_t top = m->anchor_row < m->row ? m->anchor_row : m->row,
           bottom = m->anchor_row < m->row ? m->row : m->anchor_row;
    int64_t left = m->anchor_column < m->column ? m->anchor_column : m->column;
    int64_t right = m->anchor_column < m->column ? m->column : m->anchor_column;
    return row >= top && row <= bottom && g >= left && g <= right;
}

static void draw_cell(struct grid *grid, struct area a, const struct map *m,
                      const struct geometry *y, int r, int c) {
    size_t shown_row = m->top + (size_t)r, row = m->order[shown_row];
    int64_t g = m->left + c;
    int at_row = y->header + r, at = y->label + c * y->cell;
    bool cursor = shown_row == m->row && g == m->column;
    float value = map_value(m, row, g), heat = heat_of(m, row, g, value);
    char number[32] = "";
    if (!map_column_done(m, g) && isnan(value)) {
        grid_put(grid, a, at_row, at + (y->cell - 1) / 2, STYLE_DIM, m->stopped ? "x" : ".");
    } else if (isnan(value) && map_sees(m, row, g)) {
        grid_put_fit(grid, a, at_row, at, y->cell >= 6 ? y->cell - 1 : y->cell, STYLE_DIM,
                     y->cell >= 3 ? "nan" : "?", true);
    } else if (!isnan(value)) {
        if (m->numbers && y->cell >= 6) {
            map_number(number, sizeof number, m->scale == MAP_MAGNITUDE ? fabsf(value) : value,
                       y->cell - 2, m->any_negative && m->scale != MAP_MAGNITUDE);
            strcat(number, " ");
        }
        if (is_signed(m))
            grid_put_heat(grid, a, at_row, at, y->cell, heat, number);
        else
            grid_put_magnitude(grid, a, at_row, at, y->cell, fabsf(heat), number);
    }
    if (in_selection(m, shown_row, g))
        grid_mark(grid, a, at_row, at, y->cell, false, true, false);
    if (!cursor)
        return;
    if (y->cell >= 3) {
        struct cell *open = grid_at(grid, a.row + at_row, a.column + at),
                    *close = grid_at(grid, a.row + at_row, a.column + at + y->cell - 1);
        if (open && close && at + y->cell <= a.columns) {
            strcpy(open->text, "[");
            strcpy(close->text, "]");
            open->width = close->width = 1;
        }
        grid_mark(grid, a, at_row, at, y->cell, false, false, true);
    } else {
        grid_mark(grid, a, at_row, at, y->cell, true, false, false);
    }
    grid_set_cursor(grid, a, at_row, at + (y->cell >= 3 ? 1 : 0));
}

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
                       const struct geometry *y, int r) {
    size_t shown_row = m->top + (size_t)r, row = m->order[shown_row];
    const struct map_row *info = &m->rows[row];
    const struct token *t = map_row_token(m, row);
    int at_row = y->header + r, index = index_columns(m);
    char *owned, prefix[32];
    const char *side = info->target ? "t" : "s";
    snprintf(prefix, sizeof prefix, "%s%lld", m->both_sides ? side : "",
             (long long)info->index + 1);
    grid_put(grid, a, at_row, 0, shown_row == m->row ? STYLE_CURSOR : STYLE_TEXT,
             shown_row == m->row ? ">" : " ");
    if (info->marked)
        grid_put(grid, a, at_row, 1, STYLE_MARK_A, "*");
    grid_put_fit(grid, a, at_row, 2, index - 3, STYLE_DIM, prefix, true);
    enum style_role role = row_role(info, t, shown_row == m->row);
    grid_put_fit(grid, a, at_row, index, y->label - index - 1, role, token_text(m, t, &owned),
                 false);
    free(owned);
}

static void draw_header(struct grid *grid, struct area a, const struct map *m,
                        const struct geometry *y) {
    grid_put_fit(grid, a, 0, index_columns(m), y->label - index_columns(m), STYLE_DIM, "token",
                 false);
    for (int c = 0; c < y->n_columns && m->left + c < m->n_columns; c++) {
        int64_t g = m->left + c;
        const struct token *t = map_column_token(m, g);
        char *owned;
        enum style_role role = column_role(m, g, t);
        const char *text = token_text(m, t, &owned);
        if (y->cell >= 6)
            grid_put_fit(grid, a, 0, y->label + c * y->cell + 1, y->head - 1, role, text, false);
        else
            grid_put_fit(grid, a, 0, y->label + c * y->cell, y->cell > 2 ? y->cell - 1 : y->cell,
                         role, text, false);
        if (g == m->column)
            grid_mark(grid, a, 0, y->label + c * y->cell + (y->cell >= 6), y->head - (y->cell >= 3),
                      false, true, false);
        free(owned);
    }
    if (y->sum_column >= 0)
        grid_put_fit(grid, a, 0, y->sum_column, SUM_COLUMNS - 1, STYLE_DIM, "sum", true);
}

static void draw_step_scores(struct grid *grid, struct area a, const struct map *m,
                             const struct geometry *y) {
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
                grid_put(grid, a, y->scores_row + i, y->label + c * y->cell + (y->cell - 1) / 2,
                         STYLE_DIM, m->stopped ? "x" : ".");
            else
                grid_put(grid, a, y->scores_row + i, y->label + c * y->cell + 1,
                         g == m->column ? STYLE_STRONG : STYLE_TEXT, isnan(v) ? "  nan" : number);
        }
    }
}

/* What the mouse finds: cells, and a column's head and step scores, and a row's label and sum. */
static void add_hits(struct grid *grid, struct area a, const struct map *m,
                     const struct geometry *y) {
    const int rows = (int)clamped((int64_t)(m->n_rows - m->top), 0, y->n_rows);
    const struct hit row = {HIT_ROW, (int64_t)m->top, 0};
    hit_add_each(&grid->hits, a, (struct area){y->header, 0, rows, y->label}, row, 1, 0);
    hit_add(&grid->hits, a, (struct area){0, 0, 1, y->label},
            (struct hit){HIT_SORT, 0, MAP_ORDER_TEXT});
    for (int c = 0; c < y->n_columns && m->left + c < m->n_columns; c++) {
        const int at = y->label + c * y->cell;
        const struct hit column = {HIT_COLUMN, 0, m->left + c};
        hit_add(&grid->hits, a, (struct area){0, at, 1, y->head}, column);
        hit_add(&grid->hits, a, (struct area){y->scores_row, at, y->n_scores, y->cell}, column);
        hit_add_each(&grid->hits, a, (struct area){y->header, at, rows, y->cell},
                     (struct hit){HIT_CELL, (int64_t)m->top, m->left + c}, 1, 0);
    }
    if (y->sum_column < 0)
        return;
    hit_add(&grid->hits, a, (struct area){0, y->sum_column, 1, SUM_COLUMNS},
            (struct hit){HIT_SORT, 0, MAP_ORDER_SUM});
    hit_add_each(&grid->hits, a, (struct area){y->header, y->sum_column, rows, SUM_COLUMNS}, row, 1,
                 0);
}

void map_draw(struct grid *grid, struct area a, const struct map *m) {
    if (!m->shown || m->n_columns == 0)
        return;
    struct geometry y = measure(m, a.rows, a.columns);
    add_hits(grid, a, m, &y);
    draw_header(grid, a, m, &y);
    for (int r = 0; r < y.n_rows && m->top + (size_t)r < m->n_rows; r++) {
        char number[32];
        draw_label(grid, a, m, &y, r);
        for (int c = 0; c < y.n_columns && m->left + c < m->n_columns; c++)
            draw_cell(grid, a, m, &y, r, c);
        if (y.sum_column >= 0) {
            map_number(number, sizeof number, m->rows[m->order[m->top + (size_t)r]].sum, 5,
                       m->any_negative);
            grid_put_fit(grid, a, y.header + r, y.sum_column, SUM_COLUMNS - 1, STYLE_DIM, number,
                         true);
        }
    }
    draw_step_scores(grid, a, m, &y);
    if (m->n_rows == 0) /* step scores only (dummy): the cursor rests on the column's head */
        grid_set_cursor(grid, a, 0, y.label + (int)(m->column - m->left) * y.cell + 1);
}
