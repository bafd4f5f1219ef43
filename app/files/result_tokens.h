/* Instances and tokens of Inseq's JSON. Internal to app/files. Untrusted. Any thread. */
#ifndef TINSEQ_APP_RESULT_TOKENS_H
#define TINSEQ_APP_RESULT_TOKENS_H

#include "app/files/piece_text.h"
#include "backend/base/err.h"
#include "backend/base/json.h"
#include "backend/token.h"

/* The attributes of an instance; the value itself in a file saved with use_primitives. */
const struct json_value *result_attributes(const struct json_value *v);
/* The class's name of an instance, or NULL. Not NUL-terminated. */
const struct json_value *result_class_name(const struct json_value *v);

/* A list of tokens must be pieces with their ids; learns from them how pieces are written. `side`
 * names it in messages. ERR_FORMAT. */
enum err_code result_check_tokens(const struct json_value *list, enum piece_kind *kind,
                                  const char *side, struct err *e) ERR_CHECKED;
/* Appends those of a list that was checked. */
void result_add_tokens(struct token_list *out, const struct json_value *list, enum piece_kind kind);

#endif
