/*
 * Where the rows of a text begin when it is wrapped at a width: behind a blank, a word that is
 * longer than a row by grapheme. Rows are laid out as far as somebody asks, and a change keeps
 * those before it: at the end of a long text a key costs a row or two. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_TEXT_ROWS_H
#define TINSEQ_VIEWS_TEXT_ROWS_H

#include "views/widgets/gap_text.h"

#include <stdbool.h>
#include <stddef.h>

struct text_rows {
    size_t *starts; /* [n] offsets, as far as they are known */
    size_t n, capacity;
    int width;
    bool whole; /* there are no more */
};

void text_rows_dispose(struct text_rows *r);
/* The text has changed from `at` on. */
void text_rows_cut(struct text_rows *r, size_t at);
/* The row that an offset lies in: the grapheme there, or the place behind the text. */
size_t text_rows_find(struct text_rows *r, const struct gap_text *t, int width, size_t at);
/* How many rows there are, but no more than `most`; at least 1. */
size_t text_rows_count(struct text_rows *r, const struct gap_text *t, int width, size_t most);
/* The bytes [*from, *to) of a row that text_rows_count counted at this width. */
void text_rows_bytes(size_t *from, size_t *to, struct text_rows *r, const struct gap_text *t,
                     size_t row);

#endif
