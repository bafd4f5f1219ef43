/* Stages from tokenizer.json, or from JSON that another file stands for. Any thread. */
#ifndef TINSEQ_BACKEND_TOKENIZERS_STAGES_H
#define TINSEQ_BACKEND_TOKENIZERS_STAGES_H

#include "backend/tokenizers/stage.h"

enum stage_role { STAGE_NORMALIZER, STAGE_PRE_TOKENIZER, STAGE_DECODER };

/* Appends the stages of a JSON object as tokenizer.json has it, those of a Sequence one by one;
 * null is none. `where` begins messages. Errors: FORMAT, UNSUPPORTED, which name the field. */
enum err_code stages_add(struct stages *list, enum stage_role role, const struct cJSON *json,
                         const char *where, struct err *e) ERR_CHECKED;
/* The same of JSON text, for files that say it in another way:
 *     stages_add_text(&p->normalizers, STAGE_NORMALIZER,
 *                     "{\"type\":\"Prepend\",\"prepend\":\"▁\"}", path, e) */
enum err_code stages_add_text(struct stages *list, enum stage_role role, const char *json,
                              const char *where, struct err *e) ERR_CHECKED;

#endif
