/* Step attributions of Inseq's JSON. Internal to app/files. Untrusted. Any thread. */
#ifndef TINSEQ_APP_STEPS_LOAD_H
#define TINSEQ_APP_STEPS_LOAD_H

#include "app/files/piece_text.h"
#include "backend/base/err.h"
#include "backend/base/json.h"
#include "methods/result/attribution.h"

/* Reads the list into a result that has none yet; what is no list is none. Errors: FORMAT, NOMEM.
 */
enum err_code steps_load(struct attribution *a, const struct json_value *list,
                         enum piece_kind *kind, struct err *e) ERR_CHECKED;

#endif
