/*
 * The merges of a byte-pair encoding that sentencepiece trained: its files keep only the pieces and
 * their scores. Reference: transformers 4.57, convert_slow_tokenizer.py (generate_merges). Any
 * thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_SCORE_MERGES_H
#define TINSEQ_BACKEND_TOKENIZERS_SCORE_MERGES_H

#include "backend/base/err.h"
#include "backend/tokenizers/vocabulary.h"

struct score_merge {
    const char *piece;  /* what is merged; borrowed from the vocabulary that was asked about */
    uint32_t n, n_left; /* bytes */
    float score;
    uint32_t left, right; /* characters */
    uint32_t order;
};

/* Merges in order of rank, owned by the caller: for every piece of `pieces` (with its score), all
 * ways to cut it into two of `known`. `path` is for the message: a piece of more than 512 bytes is
 * an error, FORMAT. */
enum err_code score_merges(struct score_merge **out, size_t *n, const struct vocabulary *pieces,
                           const float *scores, const struct vocabulary *known, const char *path,
                           struct err *e) ERR_CHECKED;

#endif
