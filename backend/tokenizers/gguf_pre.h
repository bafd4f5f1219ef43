/*
 * The pre-tokenizers that GGUF files name (tokenizer.ggml.pre): a row of gguf_pre.def each. Any
 * thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_GGUF_PRE_H
#define TINSEQ_BACKEND_TOKENIZERS_GGUF_PRE_H

#include "backend/tokenizers/stages.h"

enum gguf_pre_flags {
    WHOLE_WORDS = 1, /* a word that is a token is that token, whatever merges say */
    BEGINS = 2,      /* a text begins with BOS where the file does not say */
    PLAIN = 4        /* characters as they are, spaces as U+2581; else bytes as characters */
};

struct gguf_pre {
    const char *names; /* separated by spaces */
    int flags;
    const char *const *expressions; /* ended by NULL */
};

/* NULL: not known here. */
const struct gguf_pre *gguf_pre_find(const char *name);
/* Appends its stages. */
enum err_code gguf_pre_add(const struct gguf_pre *pre, struct stages *out,
                           struct err *e) ERR_CHECKED;

#endif
