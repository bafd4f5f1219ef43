/*
 * The model of a tokenizer: what makes tokens of a word. Immutable after opening: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_TOKEN_MODEL_H
#define TINSEQ_BACKEND_TOKENIZERS_TOKEN_MODEL_H

#include "backend/base/err.h"
#include "backend/tokenizers/vocabulary.h"

#include <stddef.h>
#include <stdint.h>

/* Takes a token of bytes [from, to) of the word; −1: nothing stands for them. */
typedef void word_sink(void *user, int32_t id, size_t from, size_t to);

struct token_model {
    const struct token_model_ops *ops;
    /* Of the whole tokenizer, borrowed; the model's own pieces are those below `known`. */
    const struct vocabulary *vocabulary;
    const unsigned char *own; /* [vocabulary.n] whether the id is the model's; borrowed */
    int32_t unk_id;           /* −1: none */
};

struct token_model_ops {
    const char *type; /* in tokenizer.json */
    /* Cuts n > 0 bytes of valid UTF-8 into tokens. */
    void (*encode)(const struct token_model *m, const char *s, size_t n, word_sink *token,
                   void *user);
    void (*free)(struct token_model *m);
};

/* The id of one of the model's own pieces; −1: it has no such piece. */
int32_t token_model_find(const struct token_model *m, const char *piece, size_t n);
/* The ids of "<0x00>" to "<0xFF>", −1 where there is none. */
void token_model_find_bytes(const struct token_model *m, int32_t ids[256]);

#endif
