/* Which token of another list each token of a list is: those that both have in the same order, and
 * between them runs of equal length one by one. Any thread. */
#ifndef TINSEQ_AGGREGATORS_TOKEN_MATCH_H
#define TINSEQ_AGGREGATORS_TOKEN_MATCH_H

#include "backend/base/err.h"
#include "backend/token.h"

/* to [n_a]: an index of b, ascending, or -1 where it has no partner. As many tokens as can be are
 * the same in both; of equal choices the first. Errors: NOMEM. */
enum err_code token_match(int64_t *to, const struct token *a, size_t n_a, const struct token *b,
                          size_t n_b, struct err *e) ERR_CHECKED;

#endif
