/* A result in Inseq 0.7.1's JSON: what FeatureAttributionOutput.save writes. Any thread. */
#ifndef TINSEQ_VIEWS_RESULT_JSON_H
#define TINSEQ_VIEWS_RESULT_JSON_H

#include "backend/base/mem.h"
#include "methods/result/attribution.h"
#include "views/export/export.h"

/* Appends the JSON of a result, without a final newline (as Inseq writes it). Arrays are written as
 * they are: aggregate first to keep aggregated scores. Each step's candidates, which Inseq does not
 * know, go into info.tinseq.candidates. `how` NULL: as Inseq does unless told otherwise. */
void result_json_write(struct text_buffer *b, const struct attribution *a,
                       const struct export_how *how);

/* The class of a sequence by its name in files. Borrowed. */
const char *result_json_class(const struct attribution_sequence *s);
/* Appends a sequence's candidates: null or [per step: [[id, piece, probability] …]]. */
void result_json_candidates(struct text_buffer *b, const struct attribution_sequence *s);

#endif
