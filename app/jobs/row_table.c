#include "app/jobs/row_table.h"

#include "app/jobs/background.h"
#include "app/jobs/row_values.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TEXT_BYTES 200 /* of a cell's text that are kept */
#define SHORT_BYTES 24 /* the same when BUDGET is used up */
#define PIECE ((size_t)1 << 20)
#define BUDGET ((size_t)256 << 20) /* bytes of texts */

/* Fields that the thread changes while others look are atomic; `name` and `kind` are there before
 * the column counts. */
struct column {
    enum row_column_kind kind;
    char *key, *name; /* as it is in the file; sanitised */
    char *first;      /* the first row's text, the thread's; NULL: none yet */
    atomic_int widest;
    atomic_bool shown, textual;
    _Atomic(uint32_t *) ranks;
};

/* All in a piece of the table's, one row behind the other: many are looked through at once. */
struct line {
    char *damage;           /* owned; NULL: none */
    struct row_cell *cells; /* [n_cells] */
    char *texts;            /* [2 n_texts]: those of the cells, each with a NUL, and the same in
                               lower case, with a line end instead */
    uint32_t n_cells, n_texts;
};

struct row_table {
    struct result_rows *rows;
    size_t n;
    struct line *lines; /* [n] */
    atomic_size_t n_ready, n_columns, n_damaged, n_cut, n_left_out;
    atomic_bool whole;
    struct column columns[ROW_COLUMNS];
    size_t n_bytes; /* the thread's */

    char **pieces;               /* of memory; the thread's */
    size_t n_pieces, used, room; /* of the last piece */
};

struct row_table *row_table_new(struct result_rows *rows) {
    struct row_table *t = mem_alloc(sizeof *t);
    t->rows = rows;
    t->n = result_rows_count(rows);
    t->lines = mem_alloc((t->n + 1) * sizeof *t->lines);
    return t;
}

void row_table_free(struct row_table *t) {
    if (!t)
        return;
    for (size_t i = 0; i < t->n; i++)
        free(t->lines[i].damage);
    for (size_t c = 0; c < ROW_COLUMNS; c++) {
        free(t->columns[c].key);
        free(t->columns[c].name);
        free(t->columns[c].first);
        free(atomic_load(&t->columns[c].ranks));
    }
    for (size_t i = 0; i < t->n_pieces; i++)
        free(t->pieces[i]);
    free(t->pieces);
    free(t->lines);
    free(t);
}

/* --- reading: the thread --- */

/* A row under way. */
struct filler {
    struct row_table *table;
    struct row_cell cells[ROW_COLUMNS]; /* [n_cells], owned texts */
    size_t n_cells;
    bool cut;
};

/* −1: there is no room. */
static int column_of(struct row_table *t, enum row_column_kind kind, const char *name) {
    const size_t n = atomic_load(&t->n_columns);
    for (size_t c = 0; c < n; c++)
        if (t->columns[c].kind == kind && strcmp(t->columns[c].key, name) == 0)
            return (int)c;
    if (n == ROW_COLUMNS) {
        atomic_fetch_add(&t->n_left_out, 1);
        return -1;
    }
    t->columns[n].kind = kind;
    t->columns[n].key = mem_text(name);
    t->columns[n].name = text_clean_start(name);
    atomic_store(&t->n_columns, n + 1);
    return (int)n;
}

/* As much as is kept of a sanitised text, owned by the caller. */
static char *kept_text(struct filler *f, const char *text) {
    const size_t most = f->table->n_bytes < BUDGET ? TEXT_BYTES : SHORT_BYTES;
    size_t n = strlen(text);
    if (n > most) {
        for (n = most; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80;)
            n--;
        f->cut = true;
    }
    f->table->n_bytes += 2 * n;
    return mem_text_n(text, n);
}

static bool is_origin(enum row_column_kind kind) {
    return kind == ROW_METHOD || kind == ROW_MODEL;
}

/* Columns that tell nothing of a row are not shown: all come of one method and model. */
static void see_text(struct column *c, const char *text, double number) {
    const int columns = text_columns(text);
    if (!c->first)
        c->first = mem_text(text);
    if (!is_origin(c->kind) || strcmp(c->first, text) != 0)
        atomic_store(&c->shown, true);
    if (isnan(number) || c->kind == ROW_STRONGEST)
        atomic_store(&c->textual, true);
    if (columns > atomic_load(&c->widest))
        atomic_store(&c->widest, columns);
}

static void put(void *user, enum row_column_kind kind, const char *name, const char *text,
                double number) {
    struct filler *f = user;
    const int at = column_of(f->table, kind, name);
    if (at < 0)
        return;
    struct column *c = &f->table->columns[at];
    for (; f->n_cells <= (size_t)at; f->n_cells++)
        f->cells[f->n_cells] = (struct row_cell){.number = NAN};
    struct row_cell *cell = &f->cells[at];
    free((char *)(uintptr_t)cell->text); /* of two members of one name the last counts */
    cell->text = text ? kept_text(f, text) : NULL;
    cell->number = number;
    if (text)
        see_text(c, text, number);
    else
        atomic_store(&c->shown, true);
}

void row_fold(char *text) {
    for (; *text; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
}

/* Room for n bytes. */
static void *room_for(struct row_table *t, size_t n) {
    n = (n + sizeof(double)) / sizeof(double) * sizeof(double);
    if (t->used + n > t->room) {
        t->room = n > PIECE ? n : PIECE;
        t->used = 0;
        t->pieces = mem_resize(t->pieces, (t->n_pieces + 1) * sizeof *t->pieces);
        t->pieces[t->n_pieces++] = mem_alloc(t->room);
    }
    char *room = t->pieces[t->n_pieces - 1] + t->used;
    t->used += n;
    return room;
}

/* Where the row lies now, its texts as they are and in lower case. */
static void settle(struct line *l, struct filler *f) {
    size_t n = 0, at = 0;
    for (size_t i = 0; i < f->n_cells; i++)
        n += f->cells[i].text ? strlen(f->cells[i].text) + 1 : 0;
    l->n_cells = (uint32_t)f->n_cells;
    l->n_texts = (uint32_t)n;
    l->cells = room_for(f->table, f->n_cells * sizeof *l->cells);
    l->texts = room_for(f->table, 2 * n);
    for (size_t i = 0; i < f->n_cells; i++) {
        char *text = (char *)(uintptr_t)f->cells[i].text;
        const size_t own = text ? strlen(text) : 0;
        l->cells[i] = (struct row_cell){text ? l->texts + at : NULL, f->cells[i].number};
        if (!text)
            continue;
        memcpy(l->texts + at, text, own + 1);
        row_fold(text);
        memcpy(l->texts + n + at, text, own);
        l->texts[n + at + own] = '\n';
        at += own + 1;
        free(text);
    }
}

/* Without the file and the row, which the list shows: "FILE: row 3 of 6: no positions". */
static const char *reason(const char *message) {
    const char *row = strstr(message, ": row "), *of = row ? strstr(row + 2, ": ") : NULL;
    return of ? of + 2 : message;
}

static void read_row(struct row_table *t, size_t i) {
    struct filler f = {.table = t};
    struct line *l = &t->lines[i];
    const struct row_sink sink = {put, &f};
    struct attribution *a;
    struct err e;
    if (result_rows_load(&a, t->rows, i, &e) != ERR_OK) {
        l->damage = text_clean(reason(e.message));
        atomic_fetch_add(&t->n_damaged, 1);
    } else {
        row_values(a, &sink);
        attribution_release(a);
    }
    settle(l, &f);
    if (f.cut)
        atomic_fetch_add(&t->n_cut, 1);
    atomic_store_explicit(&t->n_ready, i + 1, memory_order_release);
}

/* --- orders of texts --- */

struct by_column {
    const struct row_table *table;
    size_t column;
};

static const char *text_at(const struct by_column *by, uint32_t row) {
    const struct line *l = &by->table->lines[row];
    return by->column < l->n_cells ? l->cells[by->column].text : NULL;
}

static int order(const struct by_column *by, uint32_t x, uint32_t y) {
    const char *a = text_at(by, x), *b = text_at(by, y);
    return a && b ? strcasecmp(a, b) : !a - !b;
}

static int compare(const void *a, const void *b, void *user) {
    return order(user, *(const uint32_t *)a, *(const uint32_t *)b);
}

/* Equal texts have one rank. */
static void rank(struct row_table *t, size_t column) {
    struct by_column by = {t, column};
    uint32_t *rows = mem_alloc((t->n + 1) * sizeof *rows),
             *ranks = mem_alloc((t->n + 1) * sizeof *ranks);
    for (size_t i = 0; i < t->n; i++)
        rows[i] = (uint32_t)i;
    qsort_r(rows, t->n, sizeof *rows, compare, &by);
    for (size_t i = 0; i < t->n; i++)
        ranks[rows[i]] =
            i > 0 && order(&by, rows[i - 1], rows[i]) == 0 ? ranks[rows[i - 1]] : (uint32_t)i;
    free(rows);
    atomic_store_explicit(&t->columns[column].ranks, ranks, memory_order_release);
}

enum err_code row_table_read(struct background *b, void *user, struct err *e) {
    struct row_table *t = user;
    bool goes_on = true;
    for (size_t i = 0; i < t->n && goes_on; i++) {
        goes_on = background_tell(b, (int64_t)i, (int64_t)t->n);
        if (goes_on)
            read_row(t, i);
    }
    const size_t n = atomic_load(&t->n_columns);
    for (size_t c = 0; c < n && goes_on; c++) {
        goes_on = background_tell(b, (int64_t)t->n, (int64_t)t->n);
        if (goes_on && atomic_load(&t->columns[c].textual))
            rank(t, c);
    }
    if (!goes_on)
        return err_set(e, ERR_CANCELLED, "reading the rows was cancelled");
    atomic_store_explicit(&t->whole, true, memory_order_release);
    return ERR_OK;
}

/* --- looking at it --- */

size_t row_table_count(const struct row_table *t) {
    return t->n;
}

size_t row_table_ready(const struct row_table *t) {
    return atomic_load_explicit(&t->n_ready, memory_order_acquire);
}

bool row_table_whole(const struct row_table *t) {
    return atomic_load_explicit(&t->whole, memory_order_acquire);
}

size_t row_table_damaged(const struct row_table *t) {
    return atomic_load(&t->n_damaged);
}

size_t row_table_cut(const struct row_table *t) {
    return atomic_load(&t->n_cut);
}

size_t row_table_left_out(const struct row_table *t) {
    return atomic_load(&t->n_left_out);
}

size_t row_table_columns(const struct row_table *t) {
    return atomic_load(&t->n_columns);
}

struct row_column row_table_column(const struct row_table *t, size_t column) {
    const struct column *c = &t->columns[column];
    return (struct row_column){.kind = c->kind,
                               .name = c->name,
                               .widest = atomic_load(&c->widest),
                               .shown = atomic_load(&c->shown),
                               .numeric = !atomic_load(&c->textual)};
}

struct row_cell row_table_cell(const struct row_table *t, size_t row, size_t column) {
    const struct line *l = &t->lines[row];
    return column < l->n_cells ? l->cells[column] : (struct row_cell){.number = NAN};
}

const char *row_table_damage(const struct row_table *t, size_t row) {
    return t->lines[row].damage;
}

const char *row_table_folded(size_t *n, const struct row_table *t, size_t row) {
    *n = t->lines[row].n_texts;
    return t->lines[row].texts + *n;
}

const char *row_table_folded_cell(size_t *n, const struct row_table *t, size_t row, size_t column) {
    const struct line *l = &t->lines[row];
    const char *text = column < l->n_cells ? l->cells[column].text : NULL;
    *n = text ? strlen(text) : 0;
    return text ? text + l->n_texts : NULL;
}

const uint32_t *row_table_ranks(const struct row_table *t, size_t column) {
    return atomic_load_explicit(&t->columns[column].ranks, memory_order_acquire);
}
