/*
 * Tokens that are bytes of one character (茶 of three of them): together they are something that
 * can be read. Any thread.
 */
#ifndef TINSEQ_AGGREGATORS_CHARACTERS_H
#define TINSEQ_AGGREGATORS_CHARACTERS_H

#include "backend/token.h"

#include <stdbool.h>

/* Where characters begin among the tokens of a list: begins [list->n]. Whether any token goes on
 * with one that another has begun. */
bool characters_begin(bool *begins, const struct token_list *list);
/* That alone. */
bool characters_are_split(const struct token_list *list);

#endif
