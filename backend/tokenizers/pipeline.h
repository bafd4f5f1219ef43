/*
 * A tokenizer made of stages, as the tokenizers library has them: added tokens, normalizers,
 * pre-tokenizers, a model, a post-processor, decoders. Every file that such a tokenizer can be read
 * from fills one of these:
 *
 *     struct pipeline *p = pipeline_new(&tokenizer_…);
 *     vocabulary_init(&p->vocabulary, n); vocabulary_add(…) for each id; pipeline_own(p);
 *     stages_add_text(&p->normalizers, STAGE_NORMALIZER, "{\"type\":\"NFC\"}", path, e);
 *     stages_add_text(&p->pre_tokenizers, STAGE_PRE_TOKENIZER, …);
 *     stages_add_text(&p->decoders, STAGE_DECODER, …);
 *     p->model = &bpe_new(&p->vocabulary, p->own)->base; …
 *     pipeline_add_token(p, …); pipeline_finish(p, path, e);
 *     post_processor_put_before(&p->post, bos);
 *     return pipeline_hand_out(out, p, code);
 *
 * Immutable after that: any thread. Reference: tokenizers 0.22.2, src/tokenizer/mod.rs.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_PIPELINE_H
#define TINSEQ_BACKEND_TOKENIZERS_PIPELINE_H

#include "backend/tokenizers/added_tokens.h"
#include "backend/tokenizers/post_processor.h"
#include "backend/tokenizers/stage.h"
#include "backend/tokenizers/token_model.h"
#include "backend/tokenizers/tokenizer_ops.h"

struct pipeline {
    struct tokenizer base;
    struct vocabulary vocabulary; /* the model's pieces and the added tokens, by id */
    unsigned char *own;           /* [vocabulary.n] whether the model has the id */
    int64_t n_own;                /* how many it has */
    struct added_tokens added;
    unsigned char *is_added; /* [vocabulary.n] whether one of them has the id */
    int64_t most_added;      /* the greatest id of them; −1: none */
    struct stages normalizers, pre_tokenizers, decoders;
    struct token_model *model;
    struct post_processor post;
    /* Where a translator's target has another language around it, if that is known. */
    struct post_processor target;
    bool sides_differ, target_known;
    bool clean_up_spaces; /* decoding makes English tidy, as Transformers' tokenizers can */
};

/* An empty one, to be filled, and then handed out, or freed after an error. */
struct pipeline *pipeline_new(const struct tokenizer_ops *kind);
enum err_code pipeline_hand_out(struct tokenizer **out, struct pipeline *p, enum err_code code);

/* What is in the vocabulary now is indexed and the model's own; an id without a piece is nobody's.
 */
void pipeline_own(struct pipeline *p);
/* Adds a token (its text is copied), with the id that the text has; a new one is numbered as the
 * library does: from the model's size on. token->id is not read. One without text is ignored.
 * ERR_UNSUPPORTED: the id that the library would give is another piece's. */
enum err_code pipeline_add_token(struct pipeline *p, const struct added_token *token,
                                 const char *where, struct err *e) ERR_CHECKED;
bool pipeline_has_added(const struct pipeline *p, const char *text);
/* To be called when all are added. Errors: added_tokens_finish. */
enum err_code pipeline_finish(struct pipeline *p, const char *where, struct err *e) ERR_CHECKED;

/* What the kinds of files share. */
void pipeline_free(struct tokenizer *t);
enum err_code pipeline_encode(const struct tokenizer *t, enum text_side side, const char *text,
                              size_t n, bool add_special, token_sink *token, void *user,
                              struct err *e) ERR_CHECKED;
void pipeline_token(const struct tokenizer *t, int32_t id, struct text_buffer *bytes);
bool pipeline_special(const struct tokenizer *t, int32_t id);
enum err_code pipeline_decode(const struct tokenizer *t, enum text_side side, const int32_t *ids,
                              size_t n, bool skip_special, char **text, struct err *e) ERR_CHECKED;
#define PIPELINE_OPS                                                                               \
    .free = pipeline_free, .encode = pipeline_encode, .token = pipeline_token,                     \
    .special = pipeline_special, .decode = pipeline_decode

#endif
