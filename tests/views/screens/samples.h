/* Results made by hand, for tests and pictures of views. */
#ifndef TINSEQ_TESTS_VIEWS_SAMPLES_H
#define TINSEQ_TESTS_VIEWS_SAMPLES_H

#include "methods/result/attribution.h"

/* Decoder-only: "The Eiffel Tower is located in the city of" → " Paris, France. It" with scores
 * [T, G] (signed), or with layers and heads (unsigned, columns sum to 1). n_done columns are done.
 * Dispose with attribution_sequence_dispose. */
void sample_scores(struct attribution_sequence *out, int64_t n_done, unsigned seed);
void sample_attention(struct attribution_sequence *out, int64_t n_layers, int64_t n_heads,
                      int64_t n_done, unsigned seed);
/* Encoder-decoder: "I said hi to the manager" → "Eu disse oi para o gerente", both sides, [S, G]
 * and [T, G]. */
void sample_translation(struct attribution_sequence *out, unsigned seed);
/* Decoder-only, 60 tokens read and as many columns as asked for, all of .001, which every step
 * sees; in the first three one of the tokens 25, 41 and 42 has more: .5, −.9, .3. */
void sample_long(struct attribution_sequence *out, int64_t n_columns);
/* A single token as a list item. */
void sample_token(struct token_list *list, const char *bytes, bool special);

#endif
