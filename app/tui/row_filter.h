/*
 * What a person types to find rows of a list: words, which stand anywhere in a row's texts, and
 * conditions, "probability<0.5", "subject=Paris", "prompt~doctor"; "!" in front: not; quotes hold
 * blanks together. All must be true. Letter case is ignored. Interface thread only.
 */
#ifndef TINSEQ_APP_ROW_FILTER_H
#define TINSEQ_APP_ROW_FILTER_H

#include "app/jobs/row_table.h"

#include <stdbool.h>
#include <stddef.h>

struct row_term;

struct row_filter {
    struct row_term *terms; /* [n], all owned; n 0: every row passes */
    size_t n;
    char *note; /* what was not understood, for a person; NULL: nothing */
};

/* Of columns that the table has by now: a name, or how one alone begins; "#" is the row's number.
 * What names no column is looked for as a word, and noted. */
void row_filter_parse(struct row_filter *out, const struct row_table *t, const char *text);
void row_filter_dispose(struct row_filter *f);
bool row_filter_passes(const struct row_filter *f, const struct row_table *t, size_t row);

#endif
