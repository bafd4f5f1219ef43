/*
 * What Transformers' fast tokenizers make of a tokenizer by tokenizer_config.json and
 * special_tokens_map.json: tokens added, a class's own rule for BOS and EOS, whether a space stands
 * in front. Reference: transformers 4.57.6, tokenization_utils_fast.py and the classes' files. Any
 * thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_PRETRAINED_H
#define TINSEQ_BACKEND_TOKENIZERS_PRETRAINED_H

#include "backend/config.h"
#include "backend/tokenizers/json.h"
#include "backend/tokenizers/pipeline.h"

struct pretrained {
    cJSON *config, *map;      /* of the two files; NULL: not there */
    char tokenizer_class[64]; /* without "Fast" */
    const char *path;         /* of tokenizer_config.json; borrowed */
};

/* Reads the files where they are there; what --tokenizer_kwargs says goes before them. Errors: IO,
 * FORMAT. To be disposed of after an error too.
 */
enum err_code pretrained_open(struct pretrained *out, const struct model_files *f,
                              const struct model_config *config, struct err *e) ERR_CHECKED;
void pretrained_dispose(struct pretrained *s);

/* Whether the class itself says by add_bos_token and add_eos_token what stands around a text. */
bool pretrained_rules(const struct pretrained *s);
/* Changes stages of a tokenizer.json before they are read. */
void pretrained_change_stages(const struct pretrained *s, cJSON *tokenizer);
/* Adds tokens, and puts what the class says around a text. Errors: FORMAT, UNSUPPORTED. */
enum err_code pretrained_apply(const struct pretrained *s, struct pipeline *p,
                               struct err *e) ERR_CHECKED;
/* Corrects special ids that only these files know. */
void pretrained_correct_ids(const struct pretrained *s, const struct vocabulary *v,
                            struct model_config *config);

/* An added token as the files write it: {"content": …, "lstrip": …, …}. `where` begins messages. */
enum err_code pretrained_add_token(struct pipeline *p, const cJSON *json, const char *where,
                                   struct err *e) ERR_CHECKED;

#endif
