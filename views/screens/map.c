#include "views/screens/map.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void map_init(struct map *m) {
    *m = (struct map){.zoom = 2, .numbers = true, .follow = true};
}

void map_dispose(struct map *m) {
    free(m->rows);
    free(m->order);
    free(m->lines);
    free(m->column_magnitude);
    free(m->search);
    *m = (struct map){0};
}

/* --- what is shown ----------------------------------------------------------------------- */

static void measure_row(struct map *m, size_t row) {
    struct map_row *r = &m->rows[row];
    bool any = false;
    r->sum = r->magnitude = 0;
    for (int64_t g = 0; g < m->n_columns; g++) {
        float v = map_value(m, row, g);
        if (isnan(v))
            continue;
        any = true;
        r->sum += v;
        r->magnitude = fmaxf(r->magnitude, fabsf(v));
    }
    if (!any)
        r->sum = NAN;
}

static void measure_column(struct map *m, int64_t g) {
    float largest = 0;
    for (size_t r = 0; r < m->n_rows; r++) {
        float v = map_value(m, r, g);
        if (isnan(v))
            continue;
        largest = fmaxf(largest, fabsf(v));
        m->any_negative |= v < 0;
    }
    m->column_magnitude[g] = largest;
    m->magnitude = fmaxf(m->magnitude, largest);
}

static void measure_labels(struct map *m) {
    m->label_columns = 0;
    for (size_t i = 0; i < m->n_rows; i++) {
        const struct token *t = map_row_token(m, i);
        const int n = t ? text_columns(t->printable) : 0;
        m->label_columns = n > m->label_columns ? n : m->label_columns;
    }
}

static void make_rows(struct map *m, const struct attribution_sequence *s) {
    const int64_t n_source = attribution_visible_rows(s, false),
                  n_target = attribution_visible_rows(s, true);
    const size_t n = (size_t)(n_source + n_target);
    struct map_row *rows = mem_alloc(n * sizeof *rows);
    for (size_t i = 0; i < n; i++) {
        const bool target = (int64_t)i >= n_source, had = i < m->n_rows;
        rows[i] = (struct map_row){.target = target, .index = (int64_t)i - (target ? n_source : 0)};
        rows[i].marked = had && m->rows[i].marked;
        rows[i].opened = had && m->rows[i].opened;
    }
    free(m->rows);
    m->rows = rows;
    m->n_rows = n;
    m->order = mem_resize(m->order, n * sizeof *m->order);
    m->lines = mem_resize(m->lines, n * sizeof *m->lines);
    m->both_sides = n_source > 0 && n_target > 0;
    measure_labels(m);
}

static void clamp_cursor(struct map *m) {
    if (m->row >= m->n_lines)
        m->row = m->n_lines ? m->n_lines - 1 : 0;
    if (m->column >= m->n_columns)
        m->column = m->n_columns ? m->n_columns - 1 : 0;
    if (m->column < 0)
        m->column = 0;
    if (m->anchor_row >= m->n_lines || m->anchor_column >= m->n_columns)
        m->selecting = false;
}

static void find_matches(struct map *m);

static void show_nothing(struct map *m) {
    m->n_rows = m->n_lines = 0;
    m->n_columns = 0;
    m->selecting = false;
    clamp_cursor(m);
}

void map_show(struct map *m, const struct attribution_sequence *shown) {
    const struct map_places at = map_places(m);
    const size_t n_rows = m->n_rows;
    m->shown = shown;
    if (!shown) {
        show_nothing(m);
        return;
    }
    make_rows(m, shown);
    m->unseen |= m->n_rows != n_rows || m->n_columns != attribution_steps(shown);
    m->n_columns = attribution_steps(shown);
    if (m->unseen && !m->follow)
        m->column = 0;
    free(m->column_magnitude);
    m->column_magnitude = mem_alloc((size_t)m->n_columns * sizeof *m->column_magnitude);
    m->magnitude = 0;
    m->any_negative = false;
    for (int64_t g = 0; g < m->n_columns; g++)
        measure_column(m, g);
    for (size_t r = 0; r < m->n_rows; r++)
        measure_row(m, r);
    find_matches(m);
    m->column = clamped(m->column, 0, m->n_columns - 1);
    map_lay_lines(m, at);
    clamp_cursor(m);
}

void map_update_column(struct map *m, int64_t g) {
    if (!m->shown || g < 0 || g >= m->n_columns)
        return;
    measure_column(m, g);
    for (size_t r = 0; r < m->n_rows; r++)
        measure_row(m, r);
    if (m->follow && !m->selecting)
        m->column = g;
    if (!m->selecting)
        map_lay_lines(m, map_places(m));
}

size_t map_rank(const struct map *m, size_t row, int64_t g) {
    float mine = fabsf(map_value(m, row, g));
    size_t rank = 1;
    if (isnan(mine))
        return 0;
    for (size_t r = 0; r < m->n_rows; r++)
        rank += fabsf(map_value(m, r, g)) > mine;
    return rank;
}

float map_share(const struct map *m, size_t row, int64_t g) {
    float total = 0;
    for (size_t r = 0; r < m->n_rows; r++) {
        float v = map_value(m, r, g);
        total += isnan(v) ? 0 : fabsf(v);
    }
    return total > 0 ? fabsf(map_value(m, row, g)) / total : NAN;
}

/* --- moving ------------------------------------------------------------------------------ */

static void go(struct map *m, size_t line, int64_t column) {
    m->row = line;
    m->column = column;
    m->unseen = false;
    clamp_cursor(m);
}

void map_go(struct map *m, size_t line, int64_t column) {
    const int64_t before = m->column;
    go(m, line, column);
    if (m->sorted == MAP_ORDER_COLUMN && m->column != before && !m->selecting)
        map_lay_lines(m, map_places(m));
}

/* Rows that are sorted by their column are sorted anew, and the cursor stays at its rank. */
void map_move(struct map *m, long rows, long columns) {
    const long line = (long)m->row + rows;
    const int64_t column = m->column + columns;
    if (columns)
        m->follow = false;
    map_go(m, line < 0 ? 0 : (size_t)line, column < 0 ? 0 : column);
    go(m, line < 0 ? 0 : (size_t)line, m->column);
}

/* Whether a value comes before another by size; the text's order breaks ties. */
static bool precedes(const struct map *m, size_t row, size_t other) {
    const float x = fabsf(map_value(m, row, m->column)), y = fabsf(map_value(m, other, m->column));
    return x > y || (x == y && row < other);
}

void map_step_peak(struct map *m, int direction) {
    const size_t at = map_place(m);
    size_t best = m->n_rows;
    if (m->n_rows == 0 || m->n_columns == 0)
        return;
    const bool none = isnan(map_value(m, at, m->column));
    for (size_t r = 0; r < m->n_rows; r++) {
        if (r == at || isnan(map_value(m, r, m->column)))
            continue;
        const bool smaller = none || precedes(m, at, r);
        if (smaller != (direction > 0))
            continue;
        if (best == m->n_rows || precedes(m, r, best) == (direction > 0))
            best = r;
    }
    map_go_row(m, best);
    m->unseen = false;
}

static size_t largest_row(const struct map *m, int64_t g) {
    size_t best = 0;
    for (size_t r = 0; r < m->n_rows; r++)
        if (fabsf(map_value(m, r, g)) > fabsf(map_value(m, best, g)) ||
            isnan(map_value(m, best, g)))
            best = r;
    return best;
}

bool map_go_largest(struct map *m) {
    int64_t column = 0;
    for (int64_t g = 0; g < m->n_columns; g++)
        if (m->column_magnitude[g] > m->column_magnitude[column])
            column = g;
    if (m->n_rows == 0 || m->n_columns == 0 || !(m->column_magnitude[column] > 0))
        return false;
    map_go(m, m->row, column);
    map_go_row(m, largest_row(m, column));
    m->follow = false;
    return true;
}

void map_settle(struct map *m) {
    if (!m->follow || m->selecting)
        return;
    int64_t first = 0;
    while (first < m->n_columns && !(m->column_magnitude[first] > 0))
        first++;
    map_go(m, m->row, first < m->n_columns ? first : 0);
    m->unseen = m->row == 0;
    m->follow = false;
}

void map_see(struct map *m) {
    if (m->unseen && !m->follow && m->n_columns > 0 && m->n_rows > m->page) {
        map_go_row(m, largest_row(m, m->column));
        m->top = m->row > m->page / 2 ? m->row - m->page / 2 : 0;
    }
    m->unseen = false;
}

void map_set_order(struct map *m, enum map_order order) {
    const struct map_places at = map_places(m);
    m->sorted = order;
    map_lay_lines(m, at);
}

float map_selection_sum(const struct map *m, size_t *n_cells) {
    const struct map_line rows = map_selected(m);
    const int64_t other = m->selecting ? m->anchor_column : m->column,
                  left = other < m->column ? other : m->column,
                  right = other < m->column ? m->column : other;
    float sum = 0;
    *n_cells = 0;
    for (size_t i = rows.from; i < rows.from + rows.n; i++)
        for (int64_t g = left; g <= right && g < m->n_columns; g++) {
            const float v = map_value(m, m->order[i], g);
            *n_cells += !isnan(v);
            sum += isnan(v) ? 0 : v;
        }
    return sum;
}

/* --- searching --------------------------------------------------------------------------- */

static bool contains(const char *text, const char *word) {
    size_t n = strlen(word);
    for (; *text; text++)
        if (strncasecmp(text, word, n) == 0)
            return true;
    return n == 0;
}

static void find_matches(struct map *m) {
    for (size_t r = 0; r < m->n_rows; r++) {
        const struct token *t = map_row_token(m, r);
        m->rows[r].match = m->search && t && contains(t->printable, m->search);
    }
}

/* What matches stands outside of folds. */
void map_search(struct map *m, const char *text) {
    const struct map_places at = map_places(m);
    mem_replace(&m->search, text && *text ? mem_text(text) : NULL);
    find_matches(m);
    map_lay_lines(m, at);
    m->unseen = false;
    if (m->search && m->n_rows > 0 && !m->rows[map_place(m)].match)
        map_search_step(m, 1);
}

bool map_search_step(struct map *m, int direction) {
    const size_t n = m->n_lines;
    for (size_t i = 1; i <= n; i++) {
        const size_t line = (m->row + (direction > 0 ? i : n - i)) % n;
        if (m->rows[m->order[m->lines[line].from]].match) {
            m->row = line;
            return true;
        }
    }
    return false;
}

size_t map_n_matches(const struct map *m) {
    size_t n = 0;
    for (size_t r = 0; r < m->n_rows; r++)
        n += m->rows[r].match;
    return n;
}
