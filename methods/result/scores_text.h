/*
 * Arrays as Inseq keeps them in JSON: base64 of a safetensors file with one tensor named
 * "attribution". Untrusted on the way in. Any thread.
 */
#ifndef TINSEQ_METHODS_SCORES_TEXT_H
#define TINSEQ_METHODS_SCORES_TEXT_H

#include "backend/base/err.h"
#include "backend/base/mem.h"
#include "methods/result/attribution.h"

#include <stddef.h>

/* Appends the base64 text of `s` (which has data): F32, or I64 for integers. */
void scores_text_write(struct text_buffer *b, const struct scores *s);

/* Reads F32, F16, F8_E4M3 or I64 of at most SCORES_MAX_DIMS dimensions; `out` is owned by the
 * caller. Errors: FORMAT, NOMEM. */
enum err_code scores_text_read(struct scores *out, const char *text, size_t n,
                               struct err *e) ERR_CHECKED;

#endif
