/*
 * The characters that a person sees in a text that is valid UTF-8 (graphemes): where they begin and
 * how wide they are. Looks at the text around an offset alone. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_GRAPHEMES_H
#define TINSEQ_VIEWS_GRAPHEMES_H

#include "views/widgets/gap_text.h"

/* The offset behind the grapheme that begins at `at`; the end stays the end. */
size_t grapheme_next(const struct gap_text *t, size_t at);
/* Where the grapheme begins that ends at `at`; 0 stays 0. */
size_t grapheme_previous(const struct gap_text *t, size_t at);
/* How [from, to) is shown, sanitised, owned by the caller. */
char *grapheme_shown(const struct gap_text *t, size_t from, size_t to);
/* Columns of that; none for a newline. */
int grapheme_columns(const struct gap_text *t, size_t from, size_t to);
/* Columns of the bytes [from, to), whole graphemes. */
int grapheme_columns_between(const struct gap_text *t, size_t from, size_t to);

#endif
