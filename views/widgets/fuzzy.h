/*
 * Fuzzy matching as editors' palettes do it: the letters of the pattern occur in order; beginnings
 * of words and runs count more. Any thread.
 */
#ifndef TINSEQ_VIEWS_FUZZY_H
#define TINSEQ_VIEWS_FUZZY_H

#include <stdbool.h>
#include <stddef.h>

#define FUZZY_MOST 64 /* characters of the pattern that are looked at */

/* −1: does not match; else the higher the better. An empty pattern matches everything with 0.
 * Letter case is ignored; blanks in the pattern match anything. places (may be NULL): byte offsets
 * in `text` of the matched characters, *n_places of them, at most FUZZY_MOST. */
int fuzzy_score(size_t *places, size_t *n_places, const char *pattern, const char *text);

#endif
