/* Where rows begin when a regular expression splits a text of tokens. Any thread. Reference: Inseq
 * 0.7.1, inseq/data/aggregator.py, StringSplitAggregator. */
#ifndef TINSEQ_AGGREGATORS_SPLIT_BEGINS_H
#define TINSEQ_AGGREGATORS_SPLIT_BEGINS_H

#include "backend/base/err.h"
#include "backend/token.h"

#include <stdbool.h>

/* Tokens that a match touches are a row of their own, or are joined to what follows (start), or
 * to what precedes (end). */
enum split_mode { SPLIT_SINGLE, SPLIT_START, SPLIT_END };
extern const char *const split_modes[]; /* their names, NULL-terminated */
enum split_mode split_mode_of(const char *name);

/* begins [list->n], zeroed. `pieces`: the text is that of the vocabulary's own pieces joined, as in
 * Inseq; else what they stand for. *any: something matched. Errors: as matches_find. */
enum err_code split_begins(bool *begins, bool *any, const struct token_list *list,
                           const char *pattern, enum split_mode mode, bool pieces,
                           struct err *e) ERR_CHECKED;

#endif
