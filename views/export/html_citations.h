/* The documents that an answer rests on, as a part of the page: its sentences with their citations,
 * which lead to the documents. Internal to the page. Any thread. */
#ifndef TINSEQ_VIEWS_EXPORT_HTML_CITATIONS_H
#define TINSEQ_VIEWS_EXPORT_HTML_CITATIONS_H

#include "backend/base/mem.h"
#include "methods/result/attribution.h"

/* `json` is what the result keeps of one text (methods/result/citations.h), not to be trusted;
 * NULL: nothing. `flat` has its tokens; `place`: which one of the page it is. */
void html_citations(struct text_buffer *b, const char *json,
                    const struct attribution_sequence *flat, size_t place);

#endif
