#include "app/tui/row_list.h"

#include "backend/base/clamp.h"
#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct row_list *row_list_new_take(struct run *run, struct row_table *table) {
    struct row_list *l = mem_alloc(sizeof *l);
    *l = (struct row_list){.run = run, .table = table, .at = -1, .sort = ROW_LIST_FILE_ORDER};
    l->marked = mem_alloc(row_table_count(table) + 1);
    return l;
}

void row_list_free(struct row_list *l) {
    if (!l)
        return;
    row_filter_dispose(&l->filter);
    row_filter_dispose(&l->search);
    row_table_free(l->table);
    free(l->items);
    free(l->typed);
    free(l->looked_for);
    free(l->marked);
    free(l->marks);
    free(l);
}

/* --- the order --- */

struct keyed {
    uint64_t key;
    uint32_t row;
};

/* Unsigned numbers in the order of the doubles. */
static uint64_t key_of_number(double number, bool descending) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    bits = bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
    return descending ? ~bits : bits;
}

/* What has nothing there comes last in either direction. */
static uint64_t key_of(const struct row_list *l, const uint32_t *ranks, uint32_t row) {
    const struct row_cell cell = row_table_cell(l->table, row, (size_t)l->sort);
    if (!cell.text && isnan(cell.number))
        return UINT64_MAX;
    if (ranks && cell.text)
        return l->descending ? UINT32_MAX - ranks[row] : ranks[row];
    return key_of_number(cell.number, l->descending);
}

/* Stable, by bytes from the last one; those that all keys share are passed over. */
static void sort_keys(struct keyed *items, struct keyed *other, size_t n) {
    for (int shift = 0; shift < 64; shift += 8) {
        size_t at[257] = {0};
        for (size_t i = 0; i < n; i++)
            at[(items[i].key >> shift & 0xFF) + 1]++;
        if (at[(items[0].key >> shift & 0xFF) + 1] == n)
            continue;
        for (int d = 0; d < 256; d++)
            at[d + 1] += at[d];
        for (size_t i = 0; i < n; i++)
            other[at[items[i].key >> shift & 0xFF]++] = items[i];
        memcpy(items, other, n * sizeof *items);
    }
}

static int by_text(const void *a, const void *b, void *user) {
    const struct row_list *l = user;
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    const char *p = row_table_cell(l->table, x, (size_t)l->sort).text,
               *q = row_table_cell(l->table, y, (size_t)l->sort).text;
    int order = p && q ? strcasecmp(p, q) : !p - !q;
    if (p && q && l->descending)
        order = -order;
    return order ? order : (x > y) - (x < y);
}

bool row_list_by_number(const struct row_list *l, int column) {
    if (column == ROW_LIST_FILE_ORDER)
        return true;
    const struct row_column c = row_table_column(l->table, (size_t)column);
    return c.numeric || c.kind == ROW_STRONGEST;
}

static void sort_by_keys(struct row_list *l, const uint32_t *ranks) {
    struct keyed *items = mem_alloc(l->n * sizeof *items), *other = mem_alloc(l->n * sizeof *other);
    for (size_t i = 0; i < l->n; i++)
        items[i] = (struct keyed){key_of(l, ranks, l->items[i]), l->items[i]};
    sort_keys(items, other, l->n);
    for (size_t i = 0; i < l->n; i++)
        l->items[i] = items[i].row;
    free(items);
    free(other);
}

/* As in the file: those that are listed are ticked off, and gathered from the first to the last. */
static void in_file_order(struct row_list *l) {
    bool *listed = mem_alloc(l->n_seen + 1);
    for (size_t i = 0; i < l->n; i++)
        listed[l->items[i]] = true;
    l->n = 0;
    for (size_t row = 0; row < l->n_seen; row++)
        if (listed[row])
            l->items[l->n++] = (uint32_t)row;
    free(listed);
}

static void turn_round(struct row_list *l) {
    for (size_t i = 0; i < l->n / 2; i++) {
        const uint32_t row = l->items[i];
        l->items[i] = l->items[l->n - 1 - i];
        l->items[l->n - 1 - i] = row;
    }
}

/* Of equal ones the first of the file comes first. */
static void sort(struct row_list *l) {
    l->n_sorted = l->n_seen;
    if (l->n < 2)
        return;
    in_file_order(l);
    if (l->sort == ROW_LIST_FILE_ORDER) {
        if (l->descending)
            turn_round(l);
        return;
    }
    const bool numeric = row_list_by_number(l, l->sort);
    const uint32_t *ranks = numeric ? NULL : row_table_ranks(l->table, (size_t)l->sort);
    if (numeric || ranks)
        sort_by_keys(l, ranks);
    else
        qsort_r(l->items, l->n, sizeof *l->items, by_text, l); /* while it is still read */
}

/* --- the list --- */

void row_list_go(struct row_list *l, int64_t to) {
    l->cursor = (size_t)clamped(to, 0, (int64_t)l->n - 1);
    l->at = l->cursor < l->n ? (int64_t)l->items[l->cursor] : -1;
}

bool row_list_go_row(struct row_list *l, size_t row) {
    for (size_t i = 0; i < l->n; i++)
        if (l->items[i] == row) {
            row_list_go(l, (int64_t)i);
            return true;
        }
    return false;
}

/* The cursor follows its row; of one that is gone it takes the place. */
static void follow(struct row_list *l) {
    if (l->at < 0 || !row_list_go_row(l, (size_t)l->at))
        row_list_go(l, (int64_t)l->cursor);
}

static void see(struct row_list *l, size_t from, size_t to) {
    l->items = mem_resize(l->items, (to + 1) * sizeof *l->items);
    for (size_t row = from; row < to; row++) {
        if (!row_filter_passes(&l->filter, l->table, row))
            continue;
        l->items[l->n++] = (uint32_t)row;
        l->n_matches += l->looked_for && row_filter_passes(&l->search, l->table, row);
    }
    l->n_seen = to;
}

/* New rows stand at the end until they are many. */
void row_list_update(struct row_list *l) {
    const bool whole = row_table_whole(l->table);
    const size_t ready = row_table_ready(l->table);
    const bool plain = l->sort == ROW_LIST_FILE_ORDER && !l->descending;
    if (ready > l->n_seen) {
        see(l, l->n_seen, ready);
        if (plain)
            l->n_sorted = ready;
    }
    const bool due = ready - l->n_sorted > l->n_sorted / 10 || (whole && ready > l->n_sorted);
    if (due && !plain) {
        sort(l);
        follow(l);
    } else if (l->at < 0) {
        row_list_go(l, (int64_t)l->cursor);
    }
}

static void again(struct row_list *l) {
    l->n = l->n_matches = 0;
    see(l, 0, row_table_ready(l->table));
    sort(l);
    follow(l);
}

void row_list_replace_take(struct row_list *l, struct row_table *table) {
    const size_t before = row_table_count(l->table), n = row_table_count(table);
    if (n < before)
        row_list_unmark_all(l);
    l->marked = mem_resize(l->marked, n + 1);
    if (n > before)
        memset(l->marked + before, 0, n + 1 - before);
    l->n = l->n_seen = l->n_sorted = 0;
    row_table_free(l->table);
    l->table = table;
    l->failed = false;
    char *typed = mem_text(l->typed), *looked_for = mem_text(l->looked_for);
    row_list_search(l, looked_for);
    row_list_filter(l, typed);
    free(typed);
    free(looked_for);
}

/* Words alone, of which the last goes on: what does not pass now will not then. */
static bool narrows(const struct row_list *l, const char *typed) {
    return l->typed && typed && strncmp(typed, l->typed, strlen(l->typed)) == 0 &&
           !strpbrk(typed, "!<>=~\"");
}

static void narrow(struct row_list *l) {
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        if (row_filter_passes(&l->filter, l->table, l->items[i]))
            l->items[n++] = l->items[i];
    l->n = n;
    row_list_search(l, l->looked_for);
    follow(l);
}

void row_list_filter(struct row_list *l, const char *typed) {
    const bool fewer = narrows(l, typed) && l->n_seen == row_table_count(l->table);
    mem_replace(&l->typed, typed && *typed ? mem_text(typed) : NULL);
    row_filter_dispose(&l->filter);
    row_filter_parse(&l->filter, l->table, l->typed);
    if (fewer)
        narrow(l);
    else
        again(l);
}

void row_list_sort(struct row_list *l, int column) {
    const bool same = l->sort == column;
    const bool numeric = column != ROW_LIST_FILE_ORDER && row_list_by_number(l, column);
    l->descending = same ? !l->descending : numeric;
    l->sort = column;
    sort(l);
    follow(l);
}

/* --- searching --- */

void row_list_search(struct row_list *l, const char *typed) {
    char *copy = typed && *typed ? mem_text(typed) : NULL; /* it may be the one that is replaced */
    mem_replace(&l->looked_for, copy);
    row_filter_dispose(&l->search);
    row_filter_parse(&l->search, l->table, l->looked_for);
    l->n_matches = 0;
    for (size_t i = 0; i < l->n && l->looked_for; i++)
        l->n_matches += row_filter_passes(&l->search, l->table, l->items[i]);
}

bool row_list_go_match(struct row_list *l, int direction, bool here) {
    for (size_t k = here ? 0 : 1; k < l->n + !here && l->looked_for; k++) {
        const size_t i = (l->cursor + (direction > 0 ? k : l->n - k % l->n)) % l->n;
        if (!row_filter_passes(&l->search, l->table, l->items[i]))
            continue;
        row_list_go(l, (int64_t)i);
        return true;
    }
    return false;
}

/* --- marks --- */

void row_list_mark(struct row_list *l, size_t row) {
    l->marked[row] = !l->marked[row];
    if (l->marked[row]) {
        l->marks = mem_resize(l->marks, (l->n_marks + 1) * sizeof *l->marks);
        l->marks[l->n_marks++] = (uint32_t)row;
        return;
    }
    size_t i = 0;
    while (l->marks[i] != row)
        i++;
    memmove(l->marks + i, l->marks + i + 1, (--l->n_marks - i) * sizeof *l->marks);
}

void row_list_unmark_all(struct row_list *l) {
    for (size_t i = 0; i < l->n_marks; i++)
        l->marked[l->marks[i]] = false;
    l->n_marks = 0;
}

const char *row_list_column_name(const struct row_list *l, int column) {
    return column == ROW_LIST_FILE_ORDER ? "file order"
                                         : row_table_column(l->table, (size_t)column).name;
}

size_t row_list_shown(int shown[ROW_COLUMNS], const struct row_list *l) {
    const size_t all = row_table_columns(l->table);
    size_t n = 0;
    for (int kind = 0; kind < ROW_KINDS; kind++)
        for (size_t i = 0; i < all; i++) {
            const struct row_column c = row_table_column(l->table, i);
            if ((int)c.kind == kind && c.shown)
                shown[n++] = (int)i;
        }
    return n;
}
