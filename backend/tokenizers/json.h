/* Reading a tokenizer's JSON files. Internal to backend/tokenizers/. Any thread. */
#ifndef TINSEQ_BACKEND_TOKENIZERS_JSON_H
#define TINSEQ_BACKEND_TOKENIZERS_JSON_H

#include "backend/base/err.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

/* Any valid JSON in UTF-8; *out is owned by the caller (cJSON_Delete), NULL after an error. Takes
 * up to 50 times the file's size while it is open. */
enum err_code tokenizer_json_read(cJSON **out, const char *path, struct err *e) ERR_CHECKED;
/* The same of a text; `path` is for the message. */
enum err_code tokenizer_json_parse(cJSON **out, const char *text, const char *path,
                                   struct err *e) ERR_CHECKED;

/* Members of an object, borrowed; NULL, false and "" where there is none of that kind. */
const cJSON *tokenizer_json_get(const cJSON *o, const char *key);
bool tokenizer_json_true(const cJSON *o, const char *key);
const char *tokenizer_json_text(const cJSON *o, const char *key);

/* Copies of the members of `from` take the place of those of the same name. */
void tokenizer_json_overwrite(cJSON *to, const cJSON *from);

/* A member that must be of a kind; `where` names the object in a message. ERR_FORMAT names the
 * member. A flag that is missing or null is `fallback`. */
enum err_code tokenizer_json_flag(bool *out, const cJSON *o, const char *key, bool fallback,
                                  const char *where, struct err *e) ERR_CHECKED;
/* A whole number from 0 to `most`. */
enum err_code tokenizer_json_count(int64_t *out, const cJSON *o, const char *key, int64_t fallback,
                                   int64_t most, const char *where, struct err *e) ERR_CHECKED;
/* Borrowed; a text that is missing is an error. */
enum err_code tokenizer_json_string(const char **out, const cJSON *o, const char *key,
                                    const char *where, struct err *e) ERR_CHECKED;
/* Exactly one character. */
enum err_code tokenizer_json_character(int32_t *out, const cJSON *o, const char *key,
                                       const char *where, struct err *e) ERR_CHECKED;

/* Calls `one` with a stage; with each of a Sequence's, whose list is its member `key`. Null is
 * none. `where` grows by what was gone into. */
enum err_code tokenizer_json_each(const cJSON *json, const char *key, const char *where,
                                  enum err_code (*one)(void *user, const cJSON *json,
                                                       const char *where, struct err *e),
                                  void *user, struct err *e) ERR_CHECKED;

#endif
