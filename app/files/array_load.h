/*
 * Arrays in Inseq's JSON, however a release and its options wrote them: base64 of a safetensors
 * file (0.7), {"__ndarray__": "b64:…", "b64.gz:…" or lists, "dtype", "shape"} (before, and of step
 * attributions), or lists of numbers (use_primitives). Untrusted. Internal to app/files. Any
 * thread.
 */
#ifndef TINSEQ_APP_ARRAY_LOAD_H
#define TINSEQ_APP_ARRAY_LOAD_H

#include "backend/base/err.h"
#include "backend/base/json.h"
#include "methods/result/attribution.h"

/* Where the arrays of a sequence, or of a step, go. */
struct array_places {
    struct scores *source_attributions, *target_attributions;
    struct named_scores **step_scores, **sequence_scores;
    size_t *n_step_scores, *n_sequence_scores;
};
/* Reads all of them; each may be missing or null, and is owned by the caller. Numbers become
 * float32; those of a whole number's type stay marked as such. Errors, which name the member:
 * FORMAT, NOMEM.
 */
enum err_code array_load_all(const struct array_places *to, const struct json_value *object,
                             struct err *e) ERR_CHECKED;

#endif
