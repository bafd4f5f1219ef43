/*
 * Byte-pair encoding of the classes of Transformers that have no fast one: merges.txt may make
 * pieces that the vocabulary lacks, which are unknown once a word is cut. Reference: transformers
 * 4.57, models/fsmt/tokenization_fsmt.py and
 * models/blenderbot_small/tokenization_blenderbot_small.py (bpe). Immutable after opening: any
 * thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_SLOW_MERGES_H
#define TINSEQ_BACKEND_TOKENIZERS_SLOW_MERGES_H

#include "backend/tokenizers/token_model.h"

#define WORD_END "</w>" /* of a word's last symbol in merges.txt */

/* How a class writes merges and pieces. */
struct slow_style {
    /* Pieces that a word goes on behind end with it, and the last one has no WORD_END; NULL: pieces
     * are what merges make. */
    const char *joint;
    bool versioned; /* the first line of merges.txt is its version; a merge is a line of two words,
                       otherwise one of two at least */
};

/* Reads merges.txt. The vocabulary is borrowed. Errors: IO, FORMAT. */
enum err_code slow_merges_open(struct token_model **out, const struct vocabulary *vocabulary,
                               const unsigned char *own, const char *path,
                               const struct slow_style *style, struct err *e) ERR_CHECKED;
/* To be called when the vocabulary has all added tokens, before the first word. */
void slow_merges_finish(struct token_model *m, int32_t unk_id);

#endif
