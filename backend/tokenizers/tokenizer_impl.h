/* What tokenizer.c dispatches to. Internal to backend/tokenizers/. */
#ifndef TINSEQ_BACKEND_TOKENIZERS_TOKENIZER_IMPL_H
#define TINSEQ_BACKEND_TOKENIZERS_TOKENIZER_IMPL_H

#include "backend/tokenizer.h"
#include "backend/tokenizers/bpe.h"
#include "backend/tokenizers/sentencepiece.h"

/* Sentencepiece models with Marian's conventions: one for each side, and between pieces and ids
 * either vocab.json (Transformers) or the model itself (native). */
struct marian_tokenizer {
    const struct sentencepiece_api *library;
    struct sentencepiece_model
        *sides[2]; /* by enum text_side; both the same where the vocabulary is shared */
    bool native;   /* ids are sentencepiece's own */
    struct vocabulary vocabulary;
    unsigned char *special; /* [vocabulary.n] */
    int32_t eos_id, unk_id, pad_id;
};

enum err_code marian_tokenizer_open(struct marian_tokenizer *out, const struct model_files *f,
                                    struct model_config *config, struct err *e) ERR_CHECKED;
void marian_tokenizer_dispose(struct marian_tokenizer *t);
enum err_code marian_tokenizer_encode(const struct marian_tokenizer *t, enum text_side side,
                                      const char *text, size_t n, bool add_special,
                                      void (*token)(void *user, int32_t id), void *user,
                                      struct err *e) ERR_CHECKED;
/* The bytes of a piece: '▁' is a space, "<0xE6>" of byte fallback is a byte; specials have none.
 * Appends to *out. */
void marian_tokenizer_bytes(const struct marian_tokenizer *t, int32_t id, struct text_buffer *out);
enum err_code marian_tokenizer_decode(const struct marian_tokenizer *t, enum text_side side,
                                      const int32_t *ids, size_t n, bool skip_special, char **text,
                                      struct err *e) ERR_CHECKED;

#endif
