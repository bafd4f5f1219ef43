/*
 * What a list of the rows of a file shows of each, light enough for all of them to be in memory:
 * the beginnings of their texts, the mean of each step score, the strongest token, the fields of
 * the data set. A background thread reads the rows one after another, the interface thread sees
 * those that were read: what was read does not change any more. Untrusted: texts are sanitised.
 */
#ifndef TINSEQ_APP_ROW_TABLE_H
#define TINSEQ_APP_ROW_TABLE_H

#include "app/files/result_rows.h"
#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROW_COLUMNS 64 /* at most: what comes beyond is counted */

/* In the order that they are shown in. */
enum row_column_kind {
    ROW_PROMPT,
    ROW_GENERATED,
    ROW_FOIL,
    ROW_SCORE,     /* the mean of a step score over the attributed steps */
    ROW_STRONGEST, /* the token, special ones aside, with the largest Σ|score|; its share */
    ROW_FIELD,     /* of the data set */
    ROW_METHOD,
    ROW_MODEL,
    ROW_KINDS
};

/* What stands in a row and column. */
struct row_cell {
    const char *text; /* sanitised, borrowed; NULL: it is a number alone */
    double number;    /* NaN: none */
};

struct row_column {
    enum row_column_kind kind;
    const char *name; /* sanitised, borrowed */
    int widest;       /* columns of the terminal that its texts take at most, so far */
    bool shown;       /* some row says something else than nothing, or than the others */
    bool numeric;     /* every cell that there is is a number */
};

struct row_table;
struct background;

/* --- the interface thread --- */

/* The rows are borrowed until it is freed; nothing is read yet. */
struct row_table *row_table_new(struct result_rows *rows);
void row_table_free(struct row_table *t); /* when no thread reads; NULL is legal */

/* --- a background thread, once --- */

/* Reads all rows, telling how many; `user` is the table. Errors: CANCELLED. A row that is damaged
 * is one that says so. */
enum err_code row_table_read(struct background *b, void *user, struct err *e) ERR_CHECKED;

/* --- any thread --- */

size_t row_table_count(const struct row_table *t); /* of the file */
size_t row_table_ready(const struct row_table *t); /* read so far; grows */
bool row_table_whole(const struct row_table *t);   /* all were, and the orders of texts made */
size_t row_table_damaged(const struct row_table *t);
size_t row_table_cut(const struct row_table *t);      /* rows with a text that was cut */
size_t row_table_left_out(const struct row_table *t); /* columns that there was no room for */
size_t row_table_columns(const struct row_table *t);  /* grows */
struct row_column row_table_column(const struct row_table *t, size_t column);
/* Of rows that were read; a row may have none there: text NULL and NaN. */
struct row_cell row_table_cell(const struct row_table *t, size_t row, size_t column);
/* What is wrong with the row; NULL: nothing. Borrowed. */
const char *row_table_damage(const struct row_table *t, size_t row);
/* All texts of a row in lower case, a line each, for who looks for something. Borrowed. */
const char *row_table_folded(size_t *n, const struct row_table *t, size_t row);
/* That of one cell, without an end; NULL: it has no text. */
const char *row_table_folded_cell(size_t *n, const struct row_table *t, size_t row, size_t column);
/* Where the row stands in the order of a column's texts, those without one last; NULL before the
 * table is whole. [ready] */
const uint32_t *row_table_ranks(const struct row_table *t, size_t column);

/* A to z of ASCII in lower case, in place. */
void row_fold(char *text);

#endif
