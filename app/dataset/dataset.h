/*
 * The rows of several files of CSV, TSV or JSON lines one after another, of which only one is in
 * memory. Columns go by their names, so files may have them in any order. A bad row is a row with a
 * problem, and those behind it are read. Untrusted. One thread at a time.
 */
#ifndef TINSEQ_APP_DATASET_H
#define TINSEQ_APP_DATASET_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dataset_format {
    DATASET_BY_ENDING, /* .csv, .tsv, .jsonl, .json, each also with .gz */
    DATASET_CSV,
    DATASET_TSV,
    DATASET_JSON
};

/* Zeros are defaults. */
struct dataset_form {
    enum dataset_format format;
    char separator, quote;    /* of CSV and TSV */
    bool no_quotes;           /* quotes are letters like others */
    const char *const *names; /* [n_names] of the columns, where a file's first line is a row */
    size_t n_names;
    size_t most; /* bytes of a row at most */
};

struct dataset;
/* The files are borrowed. Opens the first. Errors: USAGE (an ending that says nothing), IO, FORMAT
 * (UTF-16, no header, a name twice in it). */
enum err_code dataset_open(struct dataset **out, const char *const *files, size_t n,
                           const struct dataset_form *form, struct err *e) ERR_CHECKED;
void dataset_close(struct dataset *d); /* NULL is legal */

/* Borrowed until the next one. */
struct data_row {
    int64_t index; /* among all rows, from 0 */
    const char *file;
    int64_t line;        /* where it begins, from 1 */
    const char *problem; /* NULL: nothing. A row with one has no fields. */
    const struct dataset *of;
};
/* *out NULL: there is none. Errors: as dataset_open's, of the file that is read then. */
enum err_code dataset_next(const struct data_row **out, struct dataset *d,
                           struct err *e) ERR_CHECKED;

/* What a row has in a field; EMPTY is what a template says of a text with nothing in it. */
enum data_kind {
    DATA_MISSING,
    DATA_NULL,
    DATA_TEXT,
    DATA_NUMBER,
    DATA_FLAG,
    DATA_NESTED,
    DATA_EMPTY
};
/* *out is owned by the caller; NULL where there is nothing. Of JSON numbers are as they are
 * written, flags true and false, lists and objects JSON on one line; "a.b" is b of the object a,
 * where no field is called so. */
enum data_kind data_row_text(char **out, const struct data_row *row, const char *name);
/* Its fields as a JSON object on one line; owned by the caller. */
char *data_row_json(const struct data_row *row);

/* Every file has these columns [n], of which those that are `optional` may be missing from single
 * rows of JSON: looks at the beginning of each. ERR_USAGE names file and column, and those there
 * are; and as dataset_open's. */
struct data_column {
    const char *name;
    bool optional;
};
enum err_code dataset_check(const char *const *files, size_t n_files,
                            const struct dataset_form *form, const struct data_column *columns,
                            size_t n, struct err *e) ERR_CHECKED;
/* All rows, by reading them. */
enum err_code dataset_count(int64_t *out, const char *const *files, size_t n,
                            const struct dataset_form *form, struct err *e) ERR_CHECKED;
/* Lines with nothing in them that were passed over so far. */
int64_t dataset_blank(const struct dataset *d);
/* Of a file by its ending; DATASET_BY_ENDING: it says nothing. */
enum dataset_format dataset_format_of(const char *path);

#endif
