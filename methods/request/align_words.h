/* Words of a token list, as the encoder that aligns sees them. Internal to methods/. Any thread. */
#ifndef TINSEQ_METHODS_ALIGN_WORDS_H
#define TINSEQ_METHODS_ALIGN_WORDS_H

#include "backend/token.h"

struct word_range {
    size_t from, to;
}; /* half-open */

/* The text that tokens, without special ones, make together, cut at spaces and where letters and
 * digits meet other characters (Inseq's \s+|\b). */
struct words {
    char *text;
    struct word_range *items; /* [n]: bytes of the text */
    size_t n;
    struct word_range *of_token; /* [tokens]: the words that a token has a part in; a token without
                              any letters belongs to the word after it */
};

void words_init(struct words *w, const struct token_list *tokens);
void words_dispose(struct words *w);

#endif
