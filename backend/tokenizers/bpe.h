/*
 * Byte-pair encoding (Sennrich et al. 2016): a word's characters, merged pair by pair in the order
 * that training found. Reference: tokenizers 0.22, src/models/bpe/. Immutable after building: any
 * thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_BPE_H
#define TINSEQ_BACKEND_TOKENIZERS_BPE_H

#include "backend/tokenizers/token_model.h"

#include <stdbool.h>

struct bpe_merge {
    int32_t left, right, rank, id;
}; /* left −1: free */

enum { BPE_CHARACTERS = 0x3000 };

struct bpe {
    struct token_model base;
    struct bpe_merge *merges; /* hash table */
    size_t n_merges;          /* its size, a power of two */
    int32_t *ids;             /* [n_ids] of the merges, by rank */
    size_t n_ids;
    int32_t characters[BPE_CHARACTERS]; /* the token of each of the first characters; −1: none */
    int32_t bytes[256];                 /* of "<0xE6>" */
    bool ignore_merges;                 /* a word that is a token is that token */
    bool fuse_unk;                      /* unknown characters in a row are one token */
    bool in_rounds; /* all places of the best pair are merged before another is looked for, as the
                       slow classes of Transformers do */
    bool byte_fallback; /* an unknown character is the tokens of its bytes, where all are there */
    char *prefix;       /* of pieces inside a word, "" */
    char *suffix;       /* of the last piece of a word, "" */
};

/* An empty one over a vocabulary, both borrowed; `own` as in token_model.h. */
struct bpe *bpe_new(const struct vocabulary *vocabulary, const unsigned char *own);
/* Starts the merge table for n merges; adds one by its two pieces; ranks go from 0 to n − 1. Of
 * equal pairs the last counts. ERR_FORMAT: pieces that are not in the vocabulary. */
void bpe_start_merges(struct bpe *b, size_t n);
enum err_code bpe_add_merge(struct bpe *b, int32_t rank, const char *left, size_t n_left,
                            const char *right, size_t n_right, struct err *e) ERR_CHECKED;
/* Derives what encoding needs; to be called last. */
void bpe_finish(struct bpe *b);

#endif
