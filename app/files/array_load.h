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

/* Reads a member of an object, which may be missing or null, into `out`, owned by the caller.
 * Numbers become float32; those of a whole number's type stay marked as such. `what` names the
 * member, also in messages. Errors: FORMAT, NOMEM. */
enum err_code array_load_member(struct scores *out, const struct json_value *object,
                                const char *what, struct err *e) ERR_CHECKED;
/* The same of an object of arrays by name. */
enum err_code array_load_named(struct named_scores **out, size_t *n,
                               const struct json_value *object, const char *what,
                               struct err *e) ERR_CHECKED;

#endif
