/* Reading a tokenizer's JSON files. Internal to backend/tokenizers/. Any thread. */
#ifndef TINSEQ_BACKEND_TOKENIZERS_JSON_H
#define TINSEQ_BACKEND_TOKENIZERS_JSON_H

#include "backend/base/err.h"

#include <cjson/cJSON.h>
#include <stdbool.h>

/* Any valid JSON in UTF-8; *out is owned by the caller (cJSON_Delete), NULL after an error. */
enum err_code tokenizer_json_read(cJSON **out, const char *path, struct err *e) ERR_CHECKED;

/* Members of an object, borrowed; NULL, false and "" where there is none of that kind. */
const cJSON *tokenizer_json_get(const cJSON *o, const char *key);
bool tokenizer_json_true(const cJSON *o, const char *key);
const char *tokenizer_json_text(const cJSON *o, const char *key);

#endif
