/* A file that holds one JSON object. Any thread. */
#ifndef TINSEQ_BACKEND_BASE_JSON_FILE_H
#define TINSEQ_BACKEND_BASE_JSON_FILE_H

#include "backend/base/err.h"

#include <cjson/cJSON.h>
#include <stddef.h>

/* Reads and parses a JSON object, in which Python may have written Infinity and −Infinity, which
 * become such numbers, and NaN, which becomes the text "NaN"; *out is owned by the caller
 * (cJSON_Delete). */
enum err_code json_read_object(cJSON **out, const char *path, size_t limit,
                               struct err *e) ERR_CHECKED;

#endif
