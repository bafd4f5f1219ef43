/* A result as tab-separated values, for spreadsheets and scripts. Any thread. */
#ifndef TINSEQ_VIEWS_TSV_H
#define TINSEQ_VIEWS_TSV_H

#include "backend/base/mem.h"
#include "methods/result/attribution.h"

/* Appends an aggregated sequence ([rows, G]): a heading with the tokens that are explained, a line
 * a row (side, position, token, scores), a line a step score. */
void tsv_write(struct text_buffer *b, const struct attribution_sequence *s);

#endif
