/* Tokens of spans become one token each. Any thread. */
#ifndef TINSEQ_AGGREGATORS_TOKEN_JOIN_H
#define TINSEQ_AGGREGATORS_TOKEN_JOIN_H

#include "aggregators/grouping.h"
#include "backend/token.h"

/* In place: pieces, bytes and what is shown are joined, the id is −1, as in Inseq; a span of one
 * token keeps it as it is. Spans are within the list. */
void token_list_merge(struct token_list *list, const struct partition *p);

#endif
