#include "views/screens/map_lines.h"

#include <math.h>
#include <stdlib.h>

#define LEAST_FOLD 3 /* rows: fewer take no room worth a fold */
#define FOLD_PAGES 2 /* pages that the lines should fit */
/* Below how much of the largest rows are small: at first, and at most. */
#define FOLD_FROM 0.01f
#define FOLD_MOST 0.25f

struct map_places map_places(const struct map *m) {
    struct map_places at = {map_place(m), 0};
    if (m->anchor_row < m->n_lines)
        at.anchor = m->order[m->lines[m->anchor_row].from];
    return at;
}

/* What rows are sorted by; in the text's order, and where sorting is by another number, what
 * folding looks at. NaN is less than any. */
static float size_of(const struct map *m, size_t row) {
    float v = m->rows[row].magnitude;
    if (m->sorted == MAP_ORDER_COLUMN && m->n_columns > 0)
        v = map_value(m, row, m->sorted_column);
    else if (m->sorted == MAP_ORDER_SUM)
        v = m->rows[row].sum;
    return isnan(v) ? -1 : fabsf(v);
}

/* qsort_r's order: descending; the text's order breaks ties. */
static int compare_rows(const void *a, const void *b, void *user) {
    const struct map *m = user;
    const size_t i = *(const size_t *)a, j = *(const size_t *)b;
    const float x = size_of(m, i), y = size_of(m, j);
    if (x != y)
        return x > y ? -1 : 1;
    return i < j ? -1 : i > j;
}

static void sort_rows(struct map *m) {
    for (size_t i = 0; i < m->n_rows; i++)
        m->order[i] = i;
    if (m->sorted != MAP_ORDER_TEXT && m->n_columns > 0)
        qsort_r(m->order, m->n_rows, sizeof *m->order, compare_rows, m);
}

/* --- folding ----------------------------------------------------------------------------- */

static bool is_small(const struct map *m, size_t row, float below) {
    const struct map_row *r = &m->rows[row];
    return below > 0 && !r->marked && !r->match && !r->opened && size_of(m, row) < below;
}

/* How many rows from the i-th on are small together: in the text those of one side. */
static size_t small_together(const struct map *m, size_t i, float below) {
    const bool target = m->rows[m->order[i]].target;
    size_t n = 0;
    while (i + n < m->n_rows && is_small(m, m->order[i + n], below) &&
           (m->sorted != MAP_ORDER_TEXT || m->rows[m->order[i + n]].target == target))
        n++;
    return n;
}

/* The lines at such a threshold, counted, and written where there is a place for them. */
static size_t fold(struct map_line *lines, const struct map *m, float below) {
    size_t n_lines = 0;
    for (size_t i = 0, n; i < m->n_rows; i += n, n_lines++) {
        n = small_together(m, i, below);
        n = n >= LEAST_FOLD ? n : 1;
        if (lines)
            lines[n_lines] = (struct map_line){i, n};
    }
    return n_lines;
}

/* 1, 2 or 5 times a power of ten: the next above x. */
static float round_above(float x) {
    const float power = powf(10, floorf(log10f(x) + 1e-4f));
    const float steps[] = {2, 5};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (x < steps[i] * power * 0.999f)
            return steps[i] * power;
    return 10 * power;
}

/* The least at which all lines fit in the pages that they should; 0: nothing is folded. */
static float threshold(const struct map *m) {
    const bool too_many = m->page > 0 && m->n_rows > m->page,
               wanted = m->fold == MAP_FOLD_SMALL || (m->fold == MAP_FOLD_LONG && too_many);
    float largest = 0;
    for (size_t i = 0; i < m->n_rows && wanted; i++)
        largest = fmaxf(largest, size_of(m, i));
    if (!(largest > 0))
        return 0;
    float below = round_above(largest * FOLD_FROM);
    for (float next = below; next <= largest * FOLD_MOST; next = round_above(next)) {
        below = next;
        if (fold(NULL, m, below) <= FOLD_PAGES * m->page)
            break;
    }
    return below;
}

size_t map_line_of(const struct map *m, size_t row) {
    size_t i = 0, line = 0;
    while (i < m->n_rows && m->order[i] != row)
        i++;
    while (line + 1 < m->n_lines && m->lines[line + 1].from <= i)
        line++;
    return line;
}

void map_lay_lines(struct map *m, struct map_places at) {
    if (!m->selecting || m->sorted_column >= m->n_columns)
        m->sorted_column = m->column;
    sort_rows(m);
    m->fold_below = threshold(m);
    m->n_lines = fold(m->lines, m, m->fold_below);
    m->row = map_line_of(m, at.cursor);
    m->anchor_row = map_line_of(m, at.anchor);
}

void map_set_page(struct map *m, size_t rows) {
    const bool before = m->n_rows > m->page, now = m->n_rows > rows;
    const size_t page = m->page;
    m->page = rows;
    if (page != rows && (before || now || page == 0))
        map_lay_lines(m, map_places(m));
}

/* --- folds as a person sees them --------------------------------------------------------- */

bool map_on_fold(const struct map *m) {
    return m->row < m->n_lines && m->lines[m->row].n > 1;
}

size_t map_place(const struct map *m) {
    return m->row < m->n_lines ? m->order[m->lines[m->row].from] : 0;
}

size_t map_cursor_row(const struct map *m) {
    return m->row < m->n_lines && m->lines[m->row].n == 1 ? map_place(m) : m->n_rows;
}

size_t map_n_folded(const struct map *m) {
    size_t n = 0;
    for (size_t i = 0; i < m->n_lines; i++)
        n += m->lines[i].n > 1 ? m->lines[i].n : 0;
    return n;
}

void map_open_fold(struct map *m) {
    if (!map_on_fold(m))
        return;
    const struct map_line *line = &m->lines[m->row];
    for (size_t i = line->from; i < line->from + line->n; i++)
        m->rows[m->order[i]].opened = true;
    map_lay_lines(m, map_places(m));
}

void map_set_fold(struct map *m, enum map_fold wanted) {
    m->fold = wanted;
    for (size_t i = 0; i < m->n_rows; i++)
        m->rows[i].opened = false;
    map_lay_lines(m, map_places(m));
}

void map_go_row(struct map *m, size_t row) {
    if (row >= m->n_rows)
        return;
    m->unseen = false;
    m->row = map_line_of(m, row);
    if (!map_on_fold(m))
        return;
    m->rows[row].opened = true;
    map_lay_lines(m, (struct map_places){row, map_places(m).anchor});
}

struct map_line map_selected(const struct map *m) {
    const size_t other = m->selecting ? m->anchor_row : m->row;
    if (m->row >= m->n_lines || other >= m->n_lines)
        return (struct map_line){0, 0};
    const struct map_line *first = &m->lines[other < m->row ? other : m->row],
                          *last = &m->lines[other < m->row ? m->row : other];
    return (struct map_line){first->from, last->from + last->n - first->from};
}

float map_line_value(const struct map *m, size_t line, int64_t g) {
    const struct map_line *l = &m->lines[line];
    float sum = NAN;
    for (size_t i = l->from; i < l->from + l->n; i++) {
        const float v = g < 0 ? m->rows[m->order[i]].sum : map_value(m, m->order[i], g);
        if (!isnan(v))
            sum = isnan(sum) ? v : sum + v;
    }
    return sum;
}

static float size_in(const struct map *m, const struct map_line *l, int64_t g) {
    float sum = 0;
    for (size_t i = l->from; i < l->from + l->n; i++) {
        const float v = map_value(m, m->order[i], g);
        sum += isnan(v) ? 0 : fabsf(v);
    }
    return sum;
}

float map_line_share(const struct map *m, size_t line, int64_t g) {
    const float all = size_in(m, &(struct map_line){0, m->n_rows}, g);
    return all > 0 ? size_in(m, &m->lines[line], g) / all : NAN;
}
