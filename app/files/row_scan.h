/*
 * Where the results of a file stand, found in one pass over its text that keeps nothing but places:
 * the sequences of a JSON of Inseq's, or the lines of rows (views/export/rows.h). Own code rather
 * than yajl: that reports values, not where they stand, and takes no NaN, which Python writes into
 * JSON; and what stands at a place is then parsed strictly, by base/json.h. Any thread.
 */
#ifndef TINSEQ_APP_ROW_SCAN_H
#define TINSEQ_APP_ROW_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A piece of the text; n 0: there is none. */
struct row_place {
    uint64_t at, n;
};

/* What stands above the rows from `first` on. */
struct row_above {
    size_t first;
    struct row_place place;
};

struct row_index {
    bool lines;             /* rows, not one JSON */
    struct row_place *rows; /* [n] */
    size_t n;
    struct row_above *above; /* [n_above]; of lines */
    size_t n_above;
    struct row_place info, steps; /* of a JSON: its info and step attributions */
    bool sequences;               /* a JSON that has the list of them */
};
void row_index_dispose(struct row_index *x);
/* What stands above row i; NULL: nothing. */
const struct row_place *row_index_above(const struct row_index *x, size_t i);

struct row_scan;
struct row_scan *row_scan_new(void);
/* The next n bytes of the text. */
void row_scan_take(struct row_scan *s, const char *text, size_t n);
/* The index of all of it; the scan is freed. What is no JSON has an index that makes no sense, but
 * no place outside the text. */
struct row_index row_scan_end(struct row_scan *s);

#endif
