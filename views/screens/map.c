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
    free(m->column_magnitude);
    free(m->search);
    *m = (struct map){0};
}

float map_value(const struct map *m, size_t row, int64_t g) {
    const struct map_row *r = &m->rows[row];
    const struct scores *s =
        r->target ? &m->shown->target_attributions : &m->shown->source_attributions;
    return s->data[r->index * s->dims[1] + g];
}

bool map_column_done(const struct map *m, int64_t g) {
    return !m->shown->done || m->shown->done[g];
}

bool map_sees(const struct map *m, size_t row, int64_t g) {
    return row < m->n_rows &&
           attribution_sees(m->shown, m->rows[row].target, m->rows[row].index, g);
}

const struct token *map_row_token(const struct map *m, size_t row) {
    const struct token_list *list = m->rows[row].target ? &m->shown->target : &m->shown->source;
    return m->rows[row].index < (int64_t)list->n ? &list->items[m->rows[row].index] : NULL;
}

const struct token *map_column_token(const struct map *m, int64_t g) {
    int64_t at = m->shown->attr_pos_start + g;
    return at >= 0 && at < (int64_t)m->shown->target.n ? &m->shown->target.items[at] : NULL;
}

size_t map_cursor_row(const struct map *m) {
    return m->row < m->n_rows ? m->order[m->row] : m->n_rows;
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

static void make_rows(struct map *m, const struct attribution_sequence *s) {
    int64_t n_source = attribution_visible_rows(s, false),
            n_target = attribution_visible_rows(s, true);
    struct map_row *rows = mem_alloc((size_t)(n_source + n_target) * sizeof *rows);
    size_t cursor = map_cursor_row(m);
    for (int64_t i = 0; i < n_source + n_target; i++) {
        bool target = i >= n_source;
        rows[i] = (struct map_row){.target = target, .index = target ? i - n_source : i};
        rows[i].marked = (size_t)i < m->n_rows && m->rows[i].marked;
    }
    if ((size_t)(n_source + n_target) != m->n_rows || !m->order) {
        free(m->order);
        m->order = mem_alloc((size_t)(n_source + n_target) * sizeof *m->order);
        for (size_t i = 0; i < (size_t)(n_source + n_target); i++)
            m->order[i] = i;
        m->row = cursor;
    }
    free(m->rows);
    m->rows = rows;
    m->n_rows = (size_t)(n_source + n_target);
    m->both_sides = n_source > 0 && n_target > 0;
    m->label_columns = 0;
    for (size_t i = 0; i < m->n_rows; i++) {
        const struct token *t = map_row_token(m, i);
        const int n = t ? text_columns(t->printable) : 0;
        m->label_columns = n > m->label_columns ? n : m->label_columns;
    }
}

static void clamp_cursor(struct map *m) {
    if (m->row >= m->n_rows)
        m->row = m->n_rows ? m->n_rows - 1 : 0;
    if (m->column >= m->n_columns)
        m->column = m->n_columns ? m->n_columns - 1 : 0;
    if (m->column < 0)
        m->column = 0;
    if (m->anchor_row >= m->n_rows || m->anchor_column >= m->n_columns)
        m->selecting = false;
}

static void find_matches(struct map *m);

void map_show(struct map *m, const struct attribution_sequence *shown) {
    m->shown = shown;
    if (!shown) {
        m->n_rows = 0;
        m->n_columns = 0;
        m->selecting = false;
        clamp_cursor(m);
        return;
    }
    make_rows(m, shown);
    m->n_columns = attribution_steps(shown);
    free(m->column_magnitude);
    m->column_magnitude = mem_alloc((size_t)m->n_columns * sizeof *m->column_magnitude);
    m->magnitude = 0;
    m->any_negative = false;
    for (int64_t g = 0; g < m->n_columns; g++)
        measure_column(m, g);
    for (size_t r = 0; r < m->n_rows; r++)
        measure_row(m, r);
    clamp_cursor(m);
    find_matches(m);
    map_set_order(m, m->sorted);
}

void map_update_column(struct map *m, int64_t g) {
    if (!m->shown || g < 0 || g >= m->n_columns)
        return;
    measure_column(m, g);
    for (size_t r = 0; r < m->n_rows; r++)
        measure_row(m, r);
    if (m->sorted != MAP_ORDER_TEXT)
        map_set_order(m, m->sorted);
    if (m->follow && !m->selecting)
        m->column = g;
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

void map_go(struct map *m, size_t row, int64_t column) {
    m->row = row;
    m->column = column;
    clamp_cursor(m);
}

void map_move(struct map *m, long rows, long columns) {
    long row = (long)m->row + rows;
    int64_t column = m->column + columns;
    if (columns)
        m->follow = false;
    map_go(m, row < 0 ? 0 : (size_t)row, column < 0 ? 0 : column);
}

void map_settle(struct map *m) {
    if (!m->follow || m->selecting)
        return;
    int64_t first = 0;
    while (first < m->n_columns && !(m->column_magnitude[first] > 0))
        first++;
    map_go(m, m->row, first < m->n_columns ? first : 0);
}

/* qsort_r's context for descending magnitude; text order breaks ties. */
struct sort_key {
    const struct map *m;
    enum map_order order;
};
static int compare_rows(const void *a, const void *b, void *user) {
    const struct sort_key *key = user;
    size_t i = *(const size_t *)a, j = *(const size_t *)b;
    float x =
        key->order == MAP_ORDER_SUM ? key->m->rows[i].sum : map_value(key->m, i, key->m->column);
    float y =
        key->order == MAP_ORDER_SUM ? key->m->rows[j].sum : map_value(key->m, j, key->m->column);
    x = isnan(x) ? -1 : fabsf(x);
    y = isnan(y) ? -1 : fabsf(y);
    if (x != y)
        return x > y ? -1 : 1;
    return i < j ? -1 : i > j;
}

void map_set_order(struct map *m, enum map_order order) {
    size_t at = map_cursor_row(m);
    m->sorted = order;
    for (size_t i = 0; i < m->n_rows; i++)
        m->order[i] = i;
    if (order != MAP_ORDER_TEXT && m->n_columns > 0)
        qsort_r(m->order, m->n_rows, sizeof *m->order, compare_rows, &(struct sort_key){m, order});
    for (size_t i = 0; i < m->n_rows; i++)
        if (m->order[i] == at)
            m->row = i;
}

void map_step_peak(struct map *m, int direction) {
    size_t at = map_cursor_row(m), best = m->n_rows;
    if (at >= m->n_rows || m->n_columns == 0)
        return;
    size_t rank = map_rank(m, at, m->column);
    size_t wanted = direction > 0 || rank == 0
                        ? rank + 1
                        : (size_t)clamped((int64_t)rank - 1, 1, (int64_t)rank);
    for (size_t r = 0; r < m->n_rows;
         r++) { /* ties share a rank: take the nearest at or beyond the wanted one */
        size_t its = map_rank(m, r, m->column);
        if (its == 0 || r == at || (direction > 0 ? its < wanted : its > wanted))
            continue;
        if (best == m->n_rows || (direction > 0 ? its < map_rank(m, best, m->column)
                                                : its > map_rank(m, best, m->column)))
            best = r;
    }
    for (size_t i = 0; i < m->n_rows && best < m->n_rows; i++)
        if (m->order[i] == best)
            m->row = i;
}

float map_selection_sum(const struct map *m, size_t *n_cells) {
    size_t from = m->selecting && m->anchor_row < m->row ? m->anchor_row : m->row;
    size_t to = m->selecting && m->anchor_row > m->row ? m->anchor_row : m->row;
    int64_t left = m->selecting && m->anchor_column < m->column ? m->anchor_column : m->column;
    int64_t right = m->selecting && m->anchor_column > m->column ? m->anchor_column : m->column;
    float sum = 0;
    *n_cells = 0;
    for (size_t r = from; r <= to && r < m->n_rows; r++)
        for (int64_t g = left; g <= right && g < m->n_columns; g++) {
            float v = map_value(m, m->order[r], g);
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

void map_search(struct map *m, const char *text) {
    char *copy = text && *text ? mem_text(text) : NULL;
    free(m->search);
    m->search = copy;
    find_matches(m);
    if (m->search && m->row < m->n_rows && !m->rows[m->order[m->row]].match)
        map_search_step(m, 1);
}

bool map_search_step(struct map *m, int direction) {
    for (size_t i = 1; i <= m->n_rows; i++) {
        size_t at = (m->row + (direction > 0 ? i : m->n_rows - i)) % m->n_rows;
        if (m->rows[m->order[at]].match) {
            m->row = at;
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
