#include "app/tui/row_groups.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NO_GROUP UINT8_MAX
#define QUARTERS 4
#define LOOKED_AT 100 /* rows that tell whether a field stands in the prompts */

/* A value of the column, and how many rows have it. */
struct value {
    const char *text;
    double number;
    size_t n;
};

struct values {
    struct value *items; /* [n] the first of each */
    size_t n, most;
};

static const uint32_t *rows_of(size_t *n, const struct row_list *l) {
    *n = l->n_marks ? l->n_marks : l->n;
    return l->n_marks ? l->marks : l->items;
}

/* --- by value --- */

static int by_value(const void *a, const void *b) {
    const struct value *x = a, *y = b;
    if (x->text && y->text && (isnan(x->number) || isnan(y->number)))
        return strcmp(x->text, y->text);
    if (isnan(x->number) || isnan(y->number))
        return !isnan(y->number) - !isnan(x->number);
    return (x->number > y->number) - (x->number < y->number);
}

static int by_count(const void *a, const void *b) {
    const struct value *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n) - (x->n > y->n) : by_value(a, b);
}

static bool has_value(const struct row_cell *c) {
    return c->text || !isnan(c->number);
}

/* The column's values, each once, the most frequent first; owned items. */
static struct values find_values(const struct row_means *m, const struct row_list *l, int column) {
    struct values v = {.items = mem_alloc((m->n + 1) * sizeof *v.items)};
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++) {
        const struct row_cell c = row_table_cell(l->table, m->items[i], (size_t)column);
        if (has_value(&c))
            v.items[n++] = (struct value){c.text, c.number, 1};
    }
    if (n)
        qsort(v.items, n, sizeof *v.items, by_value);
    for (size_t i = 0; i < n; i++) {
        if (v.n && by_value(&v.items[v.n - 1], &v.items[i]) == 0)
            v.items[v.n - 1].n++;
        else
            v.items[v.n++] = v.items[i];
    }
    if (v.n)
        qsort(v.items, v.n, sizeof *v.items, by_count);
    return v;
}

static char *label_of(const char *name, const struct value *v) {
    return v->text ? mem_format("%s = %s", name, v->text) : mem_format("%s = %g", name, v->number);
}

static void by_values(struct row_means *m, const struct row_list *l, int column,
                      const struct values *v) {
    const char *name = row_table_column(l->table, (size_t)column).name;
    m->n_groups = v->n < ROW_MEANS_MOST ? v->n : ROW_MEANS_MOST;
    for (size_t g = 0; g < m->n_groups; g++)
        m->groups[g].label = label_of(name, &v->items[g]);
    for (size_t i = 0; i < m->n; i++) {
        const struct row_cell c = row_table_cell(l->table, m->items[i], (size_t)column);
        const struct value own = {c.text, c.number, 1};
        m->group_of[i] = NO_GROUP;
        for (size_t g = 0; g < m->n_groups && has_value(&c); g++)
            if (by_value(&v->items[g], &own) == 0)
                m->group_of[i] = (uint8_t)g;
    }
}

/* --- by quarters --- */

static int by_number(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double *sorted_numbers(size_t *n, const struct row_means *m, const struct row_list *l,
                              int column) {
    double *numbers = mem_alloc((m->n + 1) * sizeof *numbers);
    *n = 0;
    for (size_t i = 0; i < m->n; i++) {
        const double number = row_table_cell(l->table, m->items[i], (size_t)column).number;
        if (!isnan(number))
            numbers[(*n)++] = number;
    }
    if (*n)
        qsort(numbers, *n, sizeof *numbers, by_number);
    return numbers;
}

/* Equal numbers are in the same quarter; ends [QUARTERS] are the last of each. */
static uint8_t quarter_of(const double *ends, double number) {
    uint8_t g = 0;
    while (g + 1 < QUARTERS && number > ends[g])
        g++;
    return g;
}

static void by_quarters(struct row_means *m, const struct row_list *l, int column) {
    const char *name = row_table_column(l->table, (size_t)column).name;
    double ends[QUARTERS], least[QUARTERS], most[QUARTERS];
    size_t n;
    double *numbers = sorted_numbers(&n, m, l, column);
    for (size_t g = 0; g < QUARTERS; g++) {
        ends[g] = numbers[(n * (g + 1) + QUARTERS - 1) / QUARTERS - 1];
        least[g] = INFINITY;
        most[g] = -INFINITY;
    }
    for (size_t i = 0; i < m->n; i++) {
        const double number = row_table_cell(l->table, m->items[i], (size_t)column).number;
        m->group_of[i] = isnan(number) ? NO_GROUP : quarter_of(ends, number);
        if (m->group_of[i] == NO_GROUP)
            continue;
        least[m->group_of[i]] = fmin(least[m->group_of[i]], number);
        most[m->group_of[i]] = fmax(most[m->group_of[i]], number);
    }
    m->n_groups = QUARTERS;
    for (size_t g = 0; g < QUARTERS; g++)
        m->groups[g].label = mem_format("%s %.4g to %.4g", name, least[g], most[g]);
    free(numbers);
}

/* --- both --- */

/* Those that are in no group go. */
static void leave_out(struct row_means *m) {
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++) {
        if (m->group_of[i] == NO_GROUP)
            continue;
        m->items[n] = m->items[i];
        m->group_of[n++] = m->group_of[i];
    }
    m->n_left_out = m->n - n;
    m->n = n;
}

void row_groups_make(struct row_means *to, const struct row_list *l, int column) {
    const uint32_t *rows = rows_of(&to->n, l);
    to->items = mem_alloc((to->n + 1) * sizeof *to->items);
    memcpy(to->items, rows, to->n * sizeof *rows);
    to->group_of = mem_alloc(to->n + 1);
    to->n_groups = 1;
    if (column < 0)
        return;
    struct values v = find_values(to, l, column);
    const bool numbers = row_table_column(l->table, (size_t)column).numeric;
    if (numbers && v.n > ROW_MEANS_MOST)
        by_quarters(to, l, column);
    else
        by_values(to, l, column, &v);
    free(v.items);
    leave_out(to);
}

/* --- roles --- */

static int column_of_kind(const struct row_table *t, enum row_column_kind kind) {
    for (size_t c = 0; c < row_table_columns(t); c++)
        if (row_table_column(t, c).kind == kind)
            return (int)c;
    return -1;
}

/* A part of every prompt that was looked at: not the prompt itself, nor a number. */
static bool stands_in_prompts(const struct row_means *m, const struct row_table *t, size_t field,
                              size_t prompt) {
    size_t n = 0;
    for (; n < m->n && n < LOOKED_AT; n++) {
        const char *text = row_table_cell(t, m->items[n], field).text,
                   *whole = row_table_cell(t, m->items[n], prompt).text;
        if (!text || !whole || !strstr(whole, text) || strlen(text) * 4 > strlen(whole) * 3)
            return false;
    }
    return n > 0;
}

void row_groups_find_roles(struct row_means *to, const struct row_list *l) {
    const int prompt = column_of_kind(l->table, ROW_PROMPT);
    for (size_t c = 0; c < row_table_columns(l->table) && prompt >= 0; c++) {
        const struct row_column column = row_table_column(l->table, c);
        if (column.kind != ROW_FIELD || column.numeric ||
            !stands_in_prompts(to, l->table, c, (size_t)prompt))
            continue;
        to->fields = mem_resize(to->fields, (to->n_fields + 1) * sizeof *to->fields);
        to->fields[to->n_fields++] = mem_text(column.name);
    }
}
