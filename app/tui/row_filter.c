#include "app/tui/row_filter.h"

#include "backend/base/mem.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NUMBER_COLUMN (-1) /* "#" */

enum relation { HOLDS, EQUAL, UNEQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, ANYWHERE };

struct row_term {
    enum relation relation;
    bool negated;
    int column;
    char *text; /* in lower case */
    size_t n_text;
    double number; /* NaN: it is none */
};

void row_filter_dispose(struct row_filter *f) {
    for (size_t i = 0; i < f->n; i++)
        free(f->terms[i].text);
    free(f->terms);
    free(f->note);
    *f = (struct row_filter){0};
}

/* --- what is typed --- */

/* The next word, its quotes taken away, owned by the caller; NULL: no more. */
static char *next_word(const char **at) {
    struct text_buffer b = {0};
    bool quoted = false, any = false;
    const char *c = *at + strspn(*at, " ");
    for (; *c && (quoted || *c != ' '); c++) {
        any = true;
        if (*c == '"')
            quoted = !quoted;
        else
            text_buffer_add(&b, c, 1);
    }
    *at = c;
    if (any)
        return text_buffer_take(&b);
    text_buffer_dispose(&b);
    return NULL;
}

/* Where a relation begins, and how long it is; NULL: there is none, or nothing before it. */
static const char *find_relation(const char *word, enum relation *relation, size_t *n) {
    static const struct {
        const char *text;
        enum relation relation;
    } all[] = {{"!=", UNEQUAL}, {"<=", LESS_EQUAL}, {">=", GREATER_EQUAL}, {"==", EQUAL},
               {"=", EQUAL},    {"<", LESS},        {">", GREATER},        {"~", HOLDS}};
    const char *at = word + strcspn(word, "!<>=~");
    if (at == word || !*at)
        return NULL;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        *n = strlen(all[i].text);
        *relation = all[i].relation;
        if (strncmp(at, all[i].text, *n) == 0)
            return at;
    }
    return NULL;
}

/* A column by its name, or by how it alone begins; −2: there is none. */
static int find_column(const struct row_table *t, const char *name, size_t n) {
    int found = -2;
    size_t begin = 0;
    if ((n == 1 && *name == '#') || (n == 3 && strncasecmp(name, "row", n) == 0))
        return NUMBER_COLUMN;
    for (size_t c = 0; c < row_table_columns(t); c++) {
        const char *own = row_table_column(t, c).name;
        if (strncasecmp(own, name, n) != 0)
            continue;
        if (!own[n])
            return (int)c;
        found = (int)c;
        begin++;
    }
    return begin == 1 ? found : -2;
}

static double number_of(const char *text) {
    char *end;
    const double number = strtod(text, &end);
    return *text && !*end && !isspace((unsigned char)*text) ? number : NAN;
}

static void set_text(struct row_term *term, const char *text) {
    term->text = mem_text(text);
    row_fold(term->text);
    term->n_text = strlen(term->text);
    term->number = number_of(text);
}

static void note(struct row_filter *f, const char *word, size_t n) {
    mem_replace(&f->note, mem_format("no column \"%.*s\": looked for as a word", (int)n, word));
}

static void add_term(struct row_filter *f, const struct row_table *t, const char *word) {
    struct row_term term = {.relation = ANYWHERE, .negated = word[0] == '!' && word[1]};
    enum relation relation;
    size_t n = 0;
    word += term.negated;
    const char *at = find_relation(word, &relation, &n);
    const int column = at ? find_column(t, word, (size_t)(at - word)) : -2;
    if (at && column == -2)
        note(f, word, (size_t)(at - word));
    if (at && column != -2) {
        term.relation = relation;
        term.column = column;
        set_text(&term, at + n);
    } else {
        set_text(&term, word);
    }
    f->terms = mem_resize(f->terms, (f->n + 1) * sizeof *f->terms);
    f->terms[f->n++] = term;
}

void row_filter_parse(struct row_filter *out, const struct row_table *t, const char *text) {
    *out = (struct row_filter){0};
    for (char *word; text && (word = next_word(&text)); free(word))
        if (*word)
            add_term(out, t, word);
}

/* --- what passes --- */

static struct row_cell cell_of(const struct row_term *term, const struct row_table *t, size_t row) {
    if (term->column == NUMBER_COLUMN)
        return (struct row_cell){.number = (double)(row + 1)};
    return row_table_cell(t, row, (size_t)term->column);
}

/* A text is compared with a text, unless both are numbers. Scores are floats, and so is a number
 * that they are held against: 0.1 is the one that is shown as 0.1. */
static int order(const struct row_term *term, struct row_cell cell) {
    const bool score = !cell.text && term->column != NUMBER_COLUMN;
    const double own = score ? (double)(float)cell.number : cell.number,
                 other = score ? (double)(float)term->number : term->number;
    if (!isnan(own) && !isnan(other))
        return (own > other) - (own < other);
    return strcasecmp(cell.text ? cell.text : "", term->text);
}

static bool stands_in(const struct row_term *term, const struct row_table *t, size_t row) {
    size_t n;
    const char *folded = row_table_folded(&n, t, row), *damage = row_table_damage(t, row);
    return memmem(folded, n, term->text, term->n_text) ||
           (damage && strcasestr(damage, term->text));
}

/* The cell's text, in lower case; NULL: it has none. */
static const char *text_of(size_t *n, const struct row_term *term, const struct row_table *t,
                           size_t row) {
    *n = 0;
    return term->column == NUMBER_COLUMN ? NULL
                                         : row_table_folded_cell(n, t, row, (size_t)term->column);
}

static bool is_text(const struct row_term *term, const struct row_table *t, size_t row) {
    size_t n;
    const char *text = text_of(&n, term, t, row);
    return text && n == term->n_text && memcmp(text, term->text, n) == 0;
}

static bool holds(const struct row_term *term, const struct row_table *t, size_t row,
                  struct row_cell cell) {
    size_t n;
    const char *text = text_of(&n, term, t, row);
    char buf[32];
    if (text)
        return memmem(text, n, term->text, term->n_text) != NULL;
    snprintf(buf, sizeof buf, "%.6g", cell.number);
    return !isnan(cell.number) && strstr(buf, term->text);
}

/* "x=" is true of rows that have nothing there. */
static bool is_equal(const struct row_term *term, const struct row_table *t, size_t row,
                     struct row_cell cell) {
    if (!cell.text && isnan(cell.number))
        return term->n_text == 0;
    if (!isnan(cell.number) && !isnan(term->number))
        return order(term, cell) == 0;
    return is_text(term, t, row);
}

static bool relates(const struct row_term *term, const struct row_table *t, size_t row) {
    const struct row_cell cell = cell_of(term, t, row);
    const bool none = !cell.text && isnan(cell.number),
               apart = !cell.text && isnan(term->number), /* a number and a word */
        ordered = !none && !apart && term->relation >= LESS && term->relation <= GREATER_EQUAL;
    const int by = ordered ? order(term, cell) : 0;
    switch (term->relation) {
    case HOLDS:
        return holds(term, t, row, cell);
    case EQUAL:
        return is_equal(term, t, row, cell);
    case UNEQUAL:
        return !is_equal(term, t, row, cell);
    case LESS:
        return ordered && by < 0;
    case LESS_EQUAL:
        return ordered && by <= 0;
    case GREATER:
        return ordered && by > 0;
    case GREATER_EQUAL:
        return ordered && by >= 0;
    case ANYWHERE:
        break;
    }
    return false;
}

bool row_filter_passes(const struct row_filter *f, const struct row_table *t, size_t row) {
    for (size_t i = 0; i < f->n; i++) {
        const struct row_term *term = &f->terms[i];
        const bool is =
            term->relation == ANYWHERE ? stands_in(term, t, row) : relates(term, t, row);
        if (is == term->negated)
            return false;
    }
    return true;
}
