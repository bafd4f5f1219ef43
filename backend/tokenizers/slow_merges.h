/*
 * Byte-pair encoding of the classes of Transformers that have no fast one: merges.txt may make
 * pieces that the vocabulary lacks, which are unknown once a word is cut. Reference: transformers
 * 4.57, models/fsmt/tokenization_fsmt.py (bpe). Immutable after opening: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_SLOW_MERGES_H
#define TINSEQ_BACKEND_TOKENIZERS_SLOW_MERGES_H

#include "backend/tokenizers/token_model.h"

/* Reads merges.txt; a word's last piece ends with `word_end`. The vocabulary is borrowed. Errors:
 * IO, FORMAT. */
enum err_code slow_merges_open(struct token_model **out, const struct vocabulary *vocabulary,
                               const unsigned char *own, const char *path, const char *word_end,
                               struct err *e) ERR_CHECKED;
/* To be called when the vocabulary has all added tokens, before the first word. */
void slow_merges_finish(struct token_model *m, int32_t unk_id);

#endif
