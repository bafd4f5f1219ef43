/*
 * Stages of a tokenizer, as tokenizer.json lists them: normalizers change the characters of a text,
 * pre-tokenizers cut it into words before the model sees them, decoders make text of pieces. Each
 * kind is a row of stages.def, its file tells what it does. Reference: tokenizers 0.22,
 * src/normalizers/, src/pre_tokenizers/ and src/decoders/. Immutable after opening: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_STAGE_H
#define TINSEQ_BACKEND_TOKENIZERS_STAGE_H

#include "backend/base/err.h"
#include "backend/tokenizers/pieces.h"
#include "backend/tokenizers/spans.h"

struct cJSON;

struct stage {
    const struct stage_ops *ops;
};

/* What it can be is given; Replace is a normalizer and a decoder. */
struct stage_ops {
    const char *type; /* in tokenizer.json */
    /* From its JSON object; NULL: it has no settings. `where` begins messages: the file and the
     * field. */
    enum err_code (*open)(struct stage **out, const struct cJSON *json, const char *where,
                          struct err *e);
    void (*free)(struct stage *s); /* what it holds; NULL: nothing */
    /* A normalizer: puts the new text in the place of the old one. */
    enum err_code (*normalize)(const struct stage *s, struct aligned *text, struct err *e);
    /* A pre-tokenizer: cuts the spans, or writes them anew. */
    enum err_code (*cut)(const struct stage *s, struct spans *spans, struct err *e);
    /* A decoder: appends to the empty `out` what becomes of all pieces. */
    enum err_code (*decode)(const struct stage *s, const struct pieces *in, struct pieces *out,
                            struct err *e);
    /* Beside it: what one piece inside a text becomes, in bytes; NULL: it stays. */
    void (*decode_piece)(const struct stage *s, const char *piece, size_t n,
                         struct text_buffer *out);
    bool fuses; /* stages behind it see the whole text, not pieces */
};

/* Those of a tokenizer in one role, in order. */
struct stages {
    struct stage **items;
    size_t n;
};

/* Appends one; the list owns it. */
void stages_take(struct stages *list, struct stage *s);
void stages_dispose(struct stages *list);

/* Runs all of them. */
enum err_code stages_normalize(const struct stages *list, struct aligned *text,
                               struct err *e) ERR_CHECKED;
/* ERR_FORMAT when matching an expression takes too long. */
enum err_code stages_cut(const struct stages *list, struct spans *spans, struct err *e) ERR_CHECKED;
/* In the place of the pieces. */
enum err_code stages_decode(const struct stages *list, struct pieces *pieces,
                            struct err *e) ERR_CHECKED;
/* Appends the bytes that a piece adds inside a text. */
void stages_decode_piece(const struct stages *list, const char *piece, size_t n,
                         struct text_buffer *out);

/* A new one of `size` bytes, zeroed but for its ops, which stand first in it. */
struct stage *stage_new(const struct stage_ops *ops, size_t size);

#define STAGE(id) extern const struct stage_ops id;
#include "backend/tokenizers/stages.def"
#undef STAGE

#endif
