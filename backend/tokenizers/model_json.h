/* The model of a tokenizer.json. Internal to backend/tokenizers/. Any thread. */
#ifndef TINSEQ_BACKEND_TOKENIZERS_MODEL_JSON_H
#define TINSEQ_BACKEND_TOKENIZERS_MODEL_JSON_H

#include "backend/tokenizers/json.h"
#include "backend/tokenizers/pipeline.h"

/* Fills p->vocabulary, p->own and p->model. Errors: FORMAT, UNSUPPORTED, which name file and
 * field. */
enum err_code model_json_read(struct pipeline *p, const cJSON *model, const char *path,
                              struct err *e) ERR_CHECKED;

#endif
