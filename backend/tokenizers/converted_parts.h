/* What both kinds of conversion share. Internal to converted*.c. */
#ifndef TINSEQ_BACKEND_TOKENIZERS_CONVERTED_PARTS_H
#define TINSEQ_BACKEND_TOKENIZERS_CONVERTED_PARTS_H

#include "backend/tokenizers/converted.h"

typedef void piece_sink(void *user, const char *word, float score);

/* Every word of a table's list, those with '@' as what they stand for. */
void converted_expand(const struct converted *c, const char *words, piece_sink *take, void *user);
/* Adds everything but the model to the root. */
void converted_finish(struct converted *c);

#endif
