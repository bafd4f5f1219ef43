/*
 * Texts to pieces as sentencepiece does it with a unigram model (Kudo 2018), in time linear in the
 * text: the library copies what is unknown again for each character of it. Reference: sentencepiece
 * 0.1.97 and 0.2, normalizer.cc and unigram_model.cc (EncodeOptimized). Immutable after opening:
 * any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_SENTENCEPIECE_ENCODER_H
#define TINSEQ_BACKEND_TOKENIZERS_SENTENCEPIECE_ENCODER_H

#include "backend/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct sentencepiece_encoder;

/* Reads a model. *out is NULL, without an error, where it is of another kind, or has what this does
 * not know (pieces that a user defined, marks behind words): the library encodes with it then.
 * Errors: IO, FORMAT. */
enum err_code sentencepiece_encoder_open(struct sentencepiece_encoder **out, const char *path,
                                         struct err *e) ERR_CHECKED;
void sentencepiece_encoder_free(struct sentencepiece_encoder *x);

/* One piece: its text (n bytes, with U+2581 for spaces), its id, and the bytes [from, to) of the
 * text that it stands for. */
typedef void sentencepiece_sink(void *user, const char *piece, size_t n, int32_t id, size_t from,
                                size_t to);
/* Calls `piece` with the pieces of n bytes of valid UTF-8, in order. */
void sentencepiece_encode(const struct sentencepiece_encoder *x, const char *text, size_t n,
                          sentencepiece_sink *piece, void *user);

#endif
