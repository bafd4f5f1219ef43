/* Parts of the page that need no scores: texts, and what a result was made of. Internal to the
 * page. Any thread. */
#ifndef TINSEQ_VIEWS_EXPORT_HTML_DETAILS_H
#define TINSEQ_VIEWS_EXPORT_HTML_DETAILS_H

#include "backend/base/mem.h"
#include "methods/result/result_info.h"

#include <stdbool.h>
#include <stddef.h>

/* Sanitised text with markup escaped. `marks`: spaces made visible. */
void html_text(struct text_buffer *b, const char *s, size_t n, bool marks);
/* Everything that the run recorded but its texts, folded away: names are this program's, and where
 * on its machine the model lies is for nobody else. Nor is a function told where none takes part
 * (NULL). */
void html_details(struct text_buffer *b, const struct result_info *info, const char *function);

#endif
