/* What stands in the page for a map that is too large for a table, where there is no script: a
 * picture with a pixel for each cell, its tokens, and where the numbers are. Internal to the page.
 * Any thread. */
#ifndef TINSEQ_VIEWS_EXPORT_HTML_STILL_H
#define TINSEQ_VIEWS_EXPORT_HTML_STILL_H

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "themes/theme.h"
#include "views/export/html_part.h"

/* Errors: NOMEM. */
enum err_code html_still(struct text_buffer *b, const struct html_part *p,
                         const struct colour_map *given, struct err *e) ERR_CHECKED;

#endif
