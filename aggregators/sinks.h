/*
 * Attention sinks: the first token, special tokens and separators take much of the attention where
 * a head has nothing to look at (Xiao et al. 2023, "Efficient streaming language models with
 * attention sinks"). Pure functions on plain data. Any thread.
 */
#ifndef TINSEQ_AGGREGATORS_SINKS_H
#define TINSEQ_AGGREGATORS_SINKS_H

#include "methods/result/attribution.h"

#include <stdbool.h>
#include <stdint.h>

/* What becomes of them: the others keep their weights, or share what these had. */
enum sinks_choice { SINKS_KEPT, SINKS_LEFT_OUT, SINKS_RENORMALISED, SINKS_CHOICES };

/* Zero-initialised: none. */
struct sinks {
    bool *rows; /* [n_rows], owned; NULL: there are none */
    int64_t n_rows;
    double share; /* of all attention, that they take together: [0, 1] */
};
void sinks_dispose(struct sinks *s);

/* Rows of weights [rows, columns, L, H] that take, over all columns, layers and heads, at least an
 * eighth of the attention and twice their even part, and are the first token, special, or without a
 * letter or digit. Scores of another kind have none. Tokens are those of the rows. */
struct sinks sinks_find(const struct scores *weights, const struct token_list *tokens);
/* "The (first token)", "</s>, . and 2 more"; sanitised, owned by the caller. */
char *sinks_names(const struct sinks *s, const struct token_list *tokens);

#endif
