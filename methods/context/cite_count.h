/* Lists of documents that are counted together. Internal to methods/context/cite*. Any thread. */
#ifndef TINSEQ_METHODS_CONTEXT_CITE_COUNT_H
#define TINSEQ_METHODS_CONTEXT_CITE_COUNT_H

#include "methods/context/cite.h"

/* Adds to what the list has of a document. */
void citation_add(struct citation_list *list, size_t document, double score, int64_t n_tokens);
/* By falling score; of equal ones the first document first. */
void citation_sort(struct citation_list *list);
/* A number that it has not yet, in its place. */
void cite_numbers_add(struct cite_numbers *to, size_t number);

#endif
