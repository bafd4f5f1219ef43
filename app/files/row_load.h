/* One row of a file of rows (views/export/rows.h). Internal to app/files. Untrusted. Any thread. */
#ifndef TINSEQ_APP_ROW_LOAD_H
#define TINSEQ_APP_ROW_LOAD_H

#include "app/files/piece_text.h"
#include "backend/base/err.h"
#include "backend/base/json.h"
#include "methods/result/attribution.h"

#include <stddef.h>

/* The line that stands above rows: its document, freed by the caller, and the info in it. `text`
 * must live as long. Errors: FORMAT, UNSUPPORTED (of a later version), NOMEM. */
enum err_code row_load_above(struct json_document **d, const struct json_value **info,
                             const char *text, size_t n, struct err *e) ERR_CHECKED;

/* A result of the row's sequence. `above` NULL: nothing stands above it. *kind is how pieces are
 * written as far as is known, and learnt. Errors: FORMAT, NOMEM. */
enum err_code row_load(struct attribution **out, const char *text, size_t n,
                       const struct json_value *above, enum piece_kind *kind,
                       struct err *e) ERR_CHECKED;

#endif
