/*
 * What Transformers' from_pretrained takes beside a vocabulary: tokenizer_config.json, the older
 * special_tokens_map.json and added_tokens.json, and what a person gives in --tokenizer_kwargs.
 * Reference: transformers 4.57, tokenization_utils_base.py (_from_pretrained). Any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_TOKEN_SETTINGS_H
#define TINSEQ_BACKEND_TOKENIZERS_TOKEN_SETTINGS_H

#include "backend/config.h"
#include "backend/tokenizers/json.h"

#define MOST_KWARGS 16

struct token_settings {
    cJSON *config; /* an object: tokenizer_config.json with all that goes before it */
    cJSON *added;  /* added tokens by id, as tokenizer.json has them */
    char class_name[64], model_type[64]; /* "": not said */
    const char *path;                    /* for messages; borrowed */
    char *kwargs[MOST_KWARGS];           /* names in --tokenizer_kwargs; NULL: no more */
    bool asked[MOST_KWARGS];             /* whether something has looked at them */
};

/* Reads those of the files that are there. Dispose of it in any case. Errors: IO, FORMAT. */
enum err_code token_settings_read(struct token_settings *out, const struct model_files *f,
                                  struct err *e) ERR_CHECKED;
void token_settings_dispose(struct token_settings *s);
/* ERR_USAGE names what --tokenizer_kwargs says and this tokenizer never looked at: to be called
 * when it is open. */
enum err_code token_settings_check(const struct token_settings *s, struct err *e) ERR_CHECKED;

/* true, false; null is false, as in Python; otherwise where the key is not there. */
bool token_settings_flag(struct token_settings *s, const char *key, bool otherwise);
/* A text, or a token's content; NULL for null; otherwise where the key is not there. Borrowed. */
const char *token_settings_text(struct token_settings *s, const char *key, const char *otherwise);
/* Whether --tokenizer_kwargs said it. */
bool token_settings_said(const struct token_settings *s, const char *key);
/* A whole number from 0 to `most`; otherwise where there is none. */
int token_settings_integer(struct token_settings *s, const char *key, int otherwise, int most);

/* A token of the form that tokenizer.json has. Owned by the caller. */
cJSON *added_token_new(int32_t id, const char *content, bool lstrip, bool normalized, bool special);

#endif
