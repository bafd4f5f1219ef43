/* A text's maps as tables in the page. Internal to the page. Any thread. */
#ifndef TINSEQ_VIEWS_EXPORT_HTML_TABLE_H
#define TINSEQ_VIEWS_EXPORT_HTML_TABLE_H

#include "backend/base/mem.h"
#include "views/export/html_part.h"

/* The tables of both sides, with the step scores below each; of neither where there are no scores:
 * the step scores alone. `titles`: cells say their value without script too. */
void html_tables(struct text_buffer *b, const struct html_part *p, bool titles);
/* What of the text's rows and columns the page has not, if any. */
void html_tell_cut(struct text_buffer *b, const struct html_part *p);

#endif
