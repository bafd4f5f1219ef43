/* Tokens that are held against a foil, on the page: from what is explained an arrow goes to the
 * foil. Internal to the page. Any thread. */
#ifndef TINSEQ_VIEWS_EXPORT_HTML_CONTRAST_H
#define TINSEQ_VIEWS_EXPORT_HTML_CONTRAST_H

#include "backend/base/mem.h"
#include "methods/result/attribution.h"

#include <stdbool.h>

/* Between a token and its foil, and in results between a foil and its token. */
#define HTML_ARROW " → "

/* Inseq names such a token "foil → token": turns the names of the sequence's around, and leaves the
 * token's own text. Of a difference of two results `like` is the first one: tokens that are not the
 * same in both have an arrow for another reason, and stay. NULL: it is none. Whether any is turned.
 */
bool html_contrast(struct attribution_sequence *s, const struct attribution_sequence *like);
/* A token's name, the foil of one that was turned apart. */
void html_contrast_name(struct text_buffer *b, const struct token *t);
/* What the arrow of the first such column means. */
void html_contrast_told(struct text_buffer *b, const struct attribution_sequence *s,
                        int64_t columns);

#endif
