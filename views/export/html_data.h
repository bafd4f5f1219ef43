/* What the page's script reads: scores as base64 of floats, tokens and units as JSON. Internal to
 * the page. Any thread. */
#ifndef TINSEQ_VIEWS_EXPORT_HTML_DATA_H
#define TINSEQ_VIEWS_EXPORT_HTML_DATA_H

#include "backend/base/mem.h"
#include "views/export/html_part.h"

/* The scores that are shown, source rows before target rows. */
void html_scores(struct text_buffer *b, const struct html_part *p);
/* Those of layers and heads, where there are such and the page has room for them. */
void html_raw(struct text_buffer *b, const struct html_part *p, int64_t *left);
/* Tokens, step scores, what each step sees, and the same for every unit that joins tokens here
 * (aggregators/units.c computes where): the script adds scores up itself. */
void html_tokens(struct text_buffer *b, const struct html_part *p);

#endif
