/*
 * What Transformers calls logits processors and warpers: changes to the next token's scores before
 * one is chosen. Each acts in place on one row of V scores (logits when greedy, log-probabilities
 * in a beam), given the target so far. Reference: transformers 4.57, generation/logits_process.py.
 */
#ifndef TINSEQ_BACKEND_GENERATION_LOGITS_PROCESSORS_H
#define TINSEQ_BACKEND_GENERATION_LOGITS_PROCESSORS_H

#include "backend/base/random.h"
#include "backend/config.h"

/* The target so far and where it must end. */
struct processor_context {
    const int32_t *ids; /* [n] */
    int64_t n;
    int64_t max_length;
    int64_t n_vocab;
    int64_t n_prompt;      /* tokens before the first generated one */
    const int32_t *source; /* [n_source], of an encoder-decoder; NULL: none */
    int64_t n_source;
};

/* All processors that `config` asks for, in Transformers' order: repetition penalty, repeated
 * n-grams, those of the source, bad words, minimum lengths, forced BOS and EOS, suppressed tokens.
 */
void logits_process(float *scores, const struct processor_context *context,
                    const struct generation_config *config);

/* The warpers of sampling, in order: temperature, top-k, top-p. At least min_keep tokens stay
 * possible. */
void logits_warp(float *scores, int64_t n_vocab, const struct generation_config *config,
                 int64_t min_keep);

/* log-softmax of a row, in place; sums in double. */
void logits_normalise(float *scores, int64_t n_vocab);

/* Draws a token from softmax(scores). */
int32_t random_token(struct random_state *r, const float *scores, int64_t n_vocab);

#endif
