/*
 * A text with a gap where it was changed last: a change there moves nothing of the text around it.
 * Offsets count bytes of the text, the gap apart. NULL is the empty text. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_GAP_TEXT_H
#define TINSEQ_VIEWS_GAP_TEXT_H

#include <stddef.h>

struct gap_text;

void gap_text_free(struct gap_text *t);
size_t gap_text_size(const struct gap_text *t);
/* Puts n bytes at `at`; makes the text where there is none. */
void gap_text_insert(struct gap_text **t, size_t at, const char *bytes, size_t n);
void gap_text_remove(struct gap_text *t, size_t from, size_t to);
/* The byte at an offset, 0 at the end and beyond. */
char gap_text_at(const struct gap_text *t, size_t at);
/* The bytes from `at` on that lie together: *n of them, none at the end. Borrowed until the next
 * change. */
const char *gap_text_piece(size_t *n, const struct gap_text *t, size_t at);
/* A copy of the bytes [from, to), owned by the caller. */
char *gap_text_copy(const struct gap_text *t, size_t from, size_t to);
/* The whole text, NUL-terminated, borrowed until the next change: the gap goes to the end. */
const char *gap_text_whole(struct gap_text *t);

#endif
