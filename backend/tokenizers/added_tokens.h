/*
 * Added tokens: what is found in a text as it stands, before (or, those that are normalized, after)
 * anything else is done to it. Reference: tokenizers 0.22, src/tokenizer/added_vocabulary.rs.
 * Immutable after building: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_ADDED_TOKENS_H
#define TINSEQ_BACKEND_TOKENIZERS_ADDED_TOKENS_H

#include "backend/tokenizers/stage.h"
#include "backend/tokenizers/trie.h"

struct added_token {
    int32_t id;
    bool special;
    bool lstrip, rstrip; /* it takes the white space before, behind it with it */
    bool single_word;    /* not within a word */
    bool normalized;     /* looked for in the normalized text, itself normalized */
    char *text;
};

struct added_tokens {
    struct added_token *items;
    size_t n;
    struct trie as_written, normalized; /* values are indices of items */
    unsigned char *kinds;               /* [n_ids] bits of enum added_kind */
    int32_t *latest;                    /* [n_ids] index of the last item of an id; −1: none */
    int32_t n_ids;
    bool splits_special; /* special ones are text like any other (split_special_tokens) */
};

enum added_kind { ADDED = 1, ADDED_SPECIAL = 2 };

/* Appends a copy of a token; its text is copied. One without text is ignored. A later one with an
 * id that is there says how it is found; the first of a text says whether it is normalized. */
void added_tokens_add(struct added_tokens *a, const struct added_token *token);
/* Derives what finding needs, for a vocabulary of n ids; to be called last. Errors: what
 * normalizing may say, and ERR_UNSUPPORTED for one of which nothing is left. */
enum err_code added_tokens_finish(struct added_tokens *a, int32_t n_ids,
                                  const struct stages *normalizers, const char *where,
                                  struct err *e) ERR_CHECKED;
void added_tokens_dispose(struct added_tokens *a);

/* Makes spans of a text: added tokens, and what lies between them, normalized. */
enum err_code added_tokens_cut(const struct added_tokens *a, const struct stages *normalizers,
                               const char *text, size_t n, struct spans *out,
                               struct err *e) ERR_CHECKED;

/* Bits of enum added_kind; ids are in range. */
unsigned added_tokens_kind(const struct added_tokens *a, int32_t id);

#endif
