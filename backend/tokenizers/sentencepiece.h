/*
 * The few calls of libsentencepiece that this program needs, as C. No exception leaves, no C++ type crosses. An open processor is immutable: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_SENTENCEPIECE_H
#define TINSEQ_BACKEND_TOKENIZERS_SENTENCEPIECE_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sentencepiece;

/* Opens a .spm model file. Errors: IO, FORMAT. */
enum err_code sentencepiece_open(struct sentencepiece **out, const char *path, struct err *e) ERR_CHECKED;
void sentencepiece_free(struct sentencepiece *s);

/* Best segmentation of UTF-8 text; calls `piece` with every piece and its id, in order. */
enum err_code sentencepiece_encode(const struct sentencepiece *s, const char *text, size_t n, void (*piece)(void *user, const char *piece, size_t n, int32_t id),
                                   void *user, struct err *e) ERR_CHECKED;
/* The text of n pieces; *text is malloc'd and NUL-terminated. */
enum err_code sentencepiece_decode(const struct sentencepiece *s, const char *const *pieces, size_t n, char **text, struct err *e) ERR_CHECKED;

int32_t sentencepiece_size(const struct sentencepiece *s);
const char *sentencepiece_piece(const struct sentencepiece *s, int32_t id); /* borrowed; id in range */
int32_t sentencepiece_find(const struct sentencepiece *s, const char *piece); /* −1: none */
bool sentencepiece_is_special(const struct sentencepiece *s, int32_t id);    /* control or unknown */
bool sentencepiece_is_byte(const struct sentencepiece *s, int32_t id);       /* "<0xE6>" of byte fallback */
int32_t sentencepiece_eos(const struct sentencepiece *s);                    /* −1: none */
int32_t sentencepiece_unk(const struct sentencepiece *s);

#ifdef __cplusplus
}
#endif

#endif
