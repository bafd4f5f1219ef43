/*
 * What cuts a text into words before byte-pair encoding: a list of stages, each applied to the
 * spans that the one before left. Regular expressions run on PCRE2 with Unicode properties.
 * Immutable after building: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_PRE_TOKENIZER_H
#define TINSEQ_BACKEND_TOKENIZERS_PRE_TOKENIZER_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define PRE_TOKENIZER_GPT2                                                                         \
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

struct pre_tokenizer;

struct pre_tokenizer *pre_tokenizer_new(void);
void pre_tokenizer_free(struct pre_tokenizer *p);

/* Every digit is a span of its own (Digits with individual_digits; else runs of digits). */
void pre_tokenizer_add_digits(struct pre_tokenizer *p, bool individual);
/* Matches of the expression become spans, and so does what lies between them ("Isolated").
 * ERR_FORMAT for an expression that does not compile. */
enum err_code pre_tokenizer_add_split(struct pre_tokenizer *p, const char *expression, size_t n,
                                      struct err *e) ERR_CHECKED;

/* Calls `word` for each span of the text, in order. Text must be valid UTF-8. ERR_FORMAT when
 * matching takes too long. */
enum err_code pre_tokenizer_run(const struct pre_tokenizer *p, const char *text, size_t n,
                                void (*word)(void *user, const char *s, size_t n), void *user,
                                struct err *e) ERR_CHECKED;

/* Adds the stages that llama.cpp's name of a pre-tokenizer stands for ("smollm"). False: not
 * known. */
bool pre_tokenizer_add_named(struct pre_tokenizer *p, const char *name, bool *ignore_merges);

#endif
