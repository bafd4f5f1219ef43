/*
 * The unigram language model (Kudo 2018): the segmentation whose pieces' scores add up to the most.
 * Reference: tokenizers 0.22, src/models/unigram/model.rs (encode_optimized). Immutable after
 * building: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_UNIGRAM_H
#define TINSEQ_BACKEND_TOKENIZERS_UNIGRAM_H

#include "backend/tokenizers/token_model.h"
#include "backend/tokenizers/trie.h"

#include <stdbool.h>

struct unigram {
    struct token_model base;
    double *scores; /* [n] natural logarithms of probabilities, by id; owned */
    int32_t n;
    struct trie trie; /* of pieces; values are ids */
    int32_t bytes[256];
    double unk_score;
    bool byte_fallback; /* what is unknown is the tokens of its bytes, where all are there */
    /* As sentencepiece itself: scores are single precision, and what is unknown, all in a row, is
     * not looked up once more. */
    bool as_sentencepiece;
};

/* One over the first n pieces of a vocabulary, which is borrowed as `own` is (token_model.h), with
 * their scores, which are copied. `usable`: the ids that a text can become; NULL: all. */
struct unigram *unigram_new(const struct vocabulary *vocabulary, const unsigned char *own,
                            const double *scores, int32_t n, const unsigned char *usable);

#endif
