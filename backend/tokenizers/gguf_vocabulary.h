/* The vocabulary of a GGUF file: tokenizer.ggml.tokens, .token_type, .scores and .merges. Any
 * thread. */
#ifndef TINSEQ_BACKEND_TOKENIZERS_GGUF_VOCABULARY_H
#define TINSEQ_BACKEND_TOKENIZERS_GGUF_VOCABULARY_H

#include "backend/tokenizers/bpe.h"
#include "backend/tokenizers/pipeline.h"
#include "backend/tokenizers/sentencepiece_file.h"

struct weights;

/* Fills p->vocabulary and p->own. `piece` may write another piece into `out` than the file has;
 * NULL: none does. */
enum err_code gguf_read_tokens(struct pipeline *p, const struct weights *w,
                               bool (*piece)(const struct weights *w, size_t i, const char *text,
                                             size_t n, struct text_buffer *out),
                               struct err *e) ERR_CHECKED;
/* Adds control, unknown and user-defined tokens, which are found in text as they stand. rstrip: all
 * take white space behind them, but for a few, as Phi-3's do. */
enum err_code gguf_add_tokens(struct pipeline *p, const struct weights *w, bool rstrip,
                              struct err *e) ERR_CHECKED;
/* PIECE_NORMAL where the file does not say. */
int gguf_type(const struct weights *w, size_t i);
/* One score for each token, owned by the caller; ERR_FORMAT: there are not as many. */
enum err_code gguf_scores(float **out, const struct weights *w, int32_t n,
                          struct err *e) ERR_CHECKED;
/* Starts and fills the merge table. */
enum err_code gguf_read_merges(struct bpe *b, const struct weights *w, struct err *e) ERR_CHECKED;

#endif
