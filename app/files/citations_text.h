/* The documents that an answer rests on, as lines for a person. Plain data in, text out. Any
 * thread. */
#ifndef TINSEQ_APP_CITATIONS_TEXT_H
#define TINSEQ_APP_CITATIONS_TEXT_H

#include "app/files/context_text.h"

/* Sentences with their citations, documents, sensitive tokens, how they agree with given ones, and
 * what is said without the documents. */
void citations_lines(struct text_buffer *b, const struct citations *c,
                     const struct token_list *answer, bool colour);

#endif
