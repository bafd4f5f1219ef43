#include "app/files/row_scan.h"

#include "backend/base/mem.h"
#include "views/export/rows.h"

#include <stdlib.h>
#include <string.h>

#define NAME 32  /* bytes of a name that are kept: more than those that are looked for */
#define START 32 /* bytes of a line's beginning */

enum kind { UNKNOWN, JSON, LINES };

struct row_scan {
    struct row_index index;
    enum kind kind;
    uint64_t at; /* of the byte under way */

    /* Of a line: */
    uint64_t line;     /* where it begins */
    char start[START]; /* what it begins with, without blanks */
    size_t n_start;

    /* Of a JSON: */
    int64_t depth; /* objects and lists that are open */
    bool quoted, escaped;
    char word[NAME]; /* the last string, as it is written */
    size_t n_word;
    int64_t base;           /* depth of the members that count: 1, or 2 inside "attributes" */
    int64_t list;           /* depth inside sequence_attributions; 0: outside */
    char name[2][NAME];     /* of the member under way at depth 1 and 2 */
    struct row_place *open; /* info or steps that is under way; NULL: none */
    uint64_t row;           /* where the sequence under way begins */
};

struct row_scan *row_scan_new(void) {
    struct row_scan *s = mem_alloc(sizeof *s);
    s->base = 1;
    return s;
}

void row_index_dispose(struct row_index *x) {
    free(x->rows);
    free(x->above);
    *x = (struct row_index){0};
}

const struct row_place *row_index_above(const struct row_index *x, size_t i) {
    size_t low = 0, high = x->n_above; /* those below `low` begin at or before i */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (x->above[middle].first <= i)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? &x->above[low - 1].place : NULL;
}

/* Room for one more of n items of a size; grows by doubling. */
static void *room(void *items, size_t n, size_t size) {
    const bool full = (n & (n - 1)) == 0;
    if (full)
        return mem_resize(items, (n ? n * 2 : 1) * size);
    return items;
}

static void add_row(struct row_index *x, struct row_place place) {
    x->rows = room(x->rows, x->n, sizeof *x->rows);
    x->rows[x->n++] = place;
}

static void add_above(struct row_index *x, struct row_place place) {
    x->above = room(x->above, x->n_above, sizeof *x->above);
    x->above[x->n_above++] = (struct row_above){x->n, place};
}

/* --- lines --- */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void keep_start(struct row_scan *s, const char *text, size_t n) {
    for (size_t i = 0; i < n && s->n_start < START; i++)
        if (!is_blank(text[i]))
            s->start[s->n_start++] = text[i];
}

static bool starts(const struct row_scan *s, const char *with) {
    const size_t n = strlen(with);
    return s->n_start >= n && memcmp(s->start, with, n) == 0;
}

/* The line that ends here; the next one begins behind it. */
static void end_line(struct row_scan *s, uint64_t end) {
    const struct row_place place = {s->line, end - s->line};
    if (starts(s, "{\"format\":"))
        add_above(&s->index, place);
    else if (s->n_start && !starts(s, ROWS_BATCH))
        add_row(&s->index, place);
    s->line = end + 1;
    s->n_start = 0;
}

static void take_lines(struct row_scan *s, const char *text, size_t n) {
    while (n > 0) {
        const char *newline = memchr(text, '\n', n);
        const size_t some = newline ? (size_t)(newline - text) : n;
        keep_start(s, text, some);
        if (newline)
            end_line(s, s->at + some);
        const size_t passed = some + (newline != NULL);
        s->at += passed;
        text += passed;
        n -= passed;
    }
}

/* --- one JSON --- */

static bool is_member(const struct row_scan *s, const char *name) {
    return s->depth == s->base && strcmp(s->name[s->depth - 1], name) == 0;
}

static void open_brace(struct row_scan *s, char c) {
    if (s->list && s->depth == s->list) {
        s->row = s->at;
    } else if (s->base == 1 && is_member(s, "attributes") && c == '{') {
        s->base = 2;
        s->name[1][0] = '\0';
    } else if (is_member(s, "sequence_attributions") && c == '[') {
        s->list = s->depth + 1;
        s->index.sequences = true;
        s->index.n = 0; /* of two the last counts */
    } else if (!s->open && is_member(s, "info")) {
        s->open = &s->index.info;
    } else if (!s->open && is_member(s, "step_attributions")) {
        s->open = &s->index.steps;
    }
    if (s->open && s->depth == s->base)
        *s->open = (struct row_place){s->at, 0};
    s->depth++;
}

static void close_brace(struct row_scan *s) {
    if (s->depth == 0)
        return;
    s->depth--;
    if (s->list && s->depth == s->list)
        add_row(&s->index, (struct row_place){s->row, s->at + 1 - s->row});
    else if (s->list && s->depth < s->list)
        s->list = 0;
    if (s->open && s->depth == s->base) {
        s->open->n = s->at + 1 - s->open->at;
        s->open = NULL;
    }
    if (s->depth < s->base)
        s->base = 1;
}

/* What was quoted last is the name of the member that follows. */
static void begin_member(struct row_scan *s) {
    if (s->depth < 1 || s->depth > 2)
        return;
    const size_t n = s->n_word < NAME ? s->n_word : 0; /* a longer one is none that is looked for */
    memcpy(s->name[s->depth - 1], s->word, n);
    s->name[s->depth - 1][n] = '\0';
}

static void take_quoted(struct row_scan *s, char c) {
    if (s->escaped)
        s->escaped = false;
    else if (c == '\\')
        s->escaped = true;
    else if (c == '"')
        s->quoted = false;
    if (s->quoted && s->n_word < NAME)
        s->word[s->n_word++] = c;
}

static void take_mark(struct row_scan *s, char c) {
    if (c == '"') {
        s->quoted = true;
        s->n_word = 0;
    } else if (c == '{' || c == '[') {
        open_brace(s, c);
    } else if (c == '}' || c == ']') {
        close_brace(s);
    } else if (c == ':') {
        begin_member(s);
    }
}

/* The first line's end tells which of the two it is. */
static void decide(struct row_scan *s, bool at_end) {
    const bool whole = s->depth == 0 && s->n_start > 0;
    if (s->kind != UNKNOWN || (!whole && !at_end && s->depth == 0))
        return;
    s->kind = whole && !s->index.sequences ? LINES : JSON;
    s->index.lines = s->kind == LINES;
    if (s->kind == JSON)
        return;
    s->index.n = 0;
    s->index.info = s->index.steps = (struct row_place){0};
    end_line(s, s->at);
}

/* Returns how many bytes were taken: less than n where lines begin. */
static size_t take_json(struct row_scan *s, const char *text, size_t n) {
    for (size_t i = 0; i < n; i++, s->at++) {
        const char c = text[i];
        if (s->quoted)
            take_quoted(s, c);
        else
            take_mark(s, c);
        if (s->kind != UNKNOWN)
            continue;
        keep_start(s, &c, 1);
        if (c == '\n')
            decide(s, false);
        if (s->kind == LINES) {
            s->at++;
            return i + 1;
        }
    }
    return n;
}

void row_scan_take(struct row_scan *s, const char *text, size_t n) {
    size_t taken = 0;
    if (s->kind != LINES)
        taken = take_json(s, text, n);
    if (taken < n)
        take_lines(s, text + taken, n - taken);
}

struct row_index row_scan_end(struct row_scan *s) {
    if (s->kind == LINES)
        end_line(s, s->at);
    decide(s, true);
    struct row_index index = s->index;
    if (!index.info.n)
        index.info.at = 0;
    if (!index.steps.n)
        index.steps.at = 0;
    free(s);
    return index;
}
