/* What a context changes, as a part of the page: the text with its contexts, the tokens that they
 * change, and each one's cues. Internal to the page. Any thread. */
#ifndef TINSEQ_VIEWS_EXPORT_HTML_CONTEXT_H
#define TINSEQ_VIEWS_EXPORT_HTML_CONTEXT_H

#include "backend/base/mem.h"
#include "methods/result/attribution.h"

/* `json` is what the result keeps of one text (methods/result/context_kept.h), not to be trusted;
 * NULL: nothing. `flat` has a score a row and column; `place`: which one of the page it is. */
void html_context(struct text_buffer *b, const char *json, const struct attribution_sequence *flat,
                  size_t place);

#endif
