/* Where units of plain text begin among tokens: special tokens stand alone, and between them the
 * tokens' text is looked at. Any thread. */
#ifndef TINSEQ_AGGREGATORS_TEXT_BEGINS_H
#define TINSEQ_AGGREGATORS_TEXT_BEGINS_H

#include "backend/token.h"

#include <stdbool.h>
#include <stddef.h>

/* Where the next unit begins after the one that begins at `from`, in n bytes; n: there is none. */
typedef size_t text_next(const char *text, size_t n, size_t from);

/* begins [list->n], zeroed. A token in which a unit ends belongs to that one. */
void text_begins(bool *begins, const struct token_list *list, text_next *next);

/* The character at `at` of n bytes, and the place of the next; a byte that is no character is −1.
 */
int32_t text_character(const char *text, size_t n, size_t at, size_t *next);
bool text_is_space(int32_t c);

#endif
