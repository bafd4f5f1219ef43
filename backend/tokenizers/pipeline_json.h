/* A tokenizer.json, or what says the same. Any thread. */
#ifndef TINSEQ_BACKEND_TOKENIZERS_PIPELINE_JSON_H
#define TINSEQ_BACKEND_TOKENIZERS_PIPELINE_JSON_H

#include "backend/tokenizers/pipeline.h"

/* Fills everything but what Transformers adds (pretrained.h); pipeline_finish follows. `path` is
 * for messages. Errors: FORMAT, UNSUPPORTED, which name the field. */
enum err_code pipeline_read_json(struct pipeline *p, const struct cJSON *json, const char *path,
                                 struct err *e) ERR_CHECKED;

#endif
