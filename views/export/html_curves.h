/* Curves of faithfulness as a picture in the page. Internal to the page. Any
 * thread. */
#ifndef TINSEQ_VIEWS_EXPORT_HTML_CURVES_H
#define TINSEQ_VIEWS_EXPORT_HTML_CURVES_H

#include "backend/base/mem.h"

/* `json` is what the result keeps of one text (methods/result/curves.h), not to
 * be trusted; NULL: nothing. */
void html_curves(struct text_buffer *b, const char *json);

#endif
