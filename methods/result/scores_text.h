/*
 * Arrays as text in JSON. In Inseq's files: base64 of a safetensors file with one tensor named
 * "attribution". In rows (views/export/rows.h): ["F32",[10,9],"base64 of the numbers"], without
 * the 100 characters that a safetensors header takes. Untrusted on the way in. Any thread.
 */
#ifndef TINSEQ_METHODS_SCORES_TEXT_H
#define TINSEQ_METHODS_SCORES_TEXT_H

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "methods/result/attribution.h"
#include "methods/result/scores_type.h"

#include <stddef.h>

/* Appends the base64 text of `s` (which has data), its floats with this precision. Drains `b`. */
void scores_text_write(struct text_buffer *b, const struct scores *s, enum scores_type precision);

/* Reads F32, F16, F8_E4M3 or I64 of at most SCORES_MAX_DIMS dimensions; `out` is owned by the
 * caller. Errors: FORMAT, NOMEM. */
enum err_code scores_text_read(struct scores *out, const char *text, size_t n,
                               struct err *e) ERR_CHECKED;

/* The same as rows have them. */
void scores_pack_write(struct text_buffer *b, const struct scores *s, enum scores_type precision);
enum err_code scores_pack_read(struct scores *out, const struct json_value *v,
                               struct err *e) ERR_CHECKED;

#endif
