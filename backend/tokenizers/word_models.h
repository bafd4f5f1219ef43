/*
 * Models that look words up: WordPiece (Wu et al. 2016), which takes the longest piece again and
 * again, and WordLevel, whose words are its tokens. Reference: tokenizers 0.22, src/models/.
 * Immutable after building: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_WORD_MODELS_H
#define TINSEQ_BACKEND_TOKENIZERS_WORD_MODELS_H

#include "backend/tokenizers/token_model.h"

/* Over a vocabulary; it and `own` are borrowed (token_model.h). prefix: of pieces inside a word.
 * longest: characters of a word; a longer one is unknown. */
struct token_model *wordpiece_model_new(const struct vocabulary *vocabulary,
                                        const unsigned char *own, const char *prefix,
                                        int64_t longest, int32_t unk_id);
struct token_model *word_level_model_new(const struct vocabulary *vocabulary,
                                         const unsigned char *own, int32_t unk_id);

#endif
