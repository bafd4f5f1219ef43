/*
 * The few calls of libsentencepiece that this program needs, as C. No exception leaves, no C++ type
 * crosses. An open processor is immutable: any thread.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_SENTENCEPIECE_H
#define TINSEQ_BACKEND_TOKENIZERS_SENTENCEPIECE_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Opaque: an open model. The library's own namespace is called sentencepiece, hence the longer
 * name. */
struct sentencepiece_model;

#define SENTENCEPIECE_VERSION 2
#define SENTENCEPIECE_SYMBOL "tinseq_sentencepiece_api"

/* The functions of the module tinseq_sentencepiece.so (backend/tokenizers/spm/), the only thing
 * that links libsentencepiece. */
struct sentencepiece_api {
    int version;
    /* Opens a model from the n bytes of its file, which are copied; check them with
     * character_map_check first. `path` is for messages. Errors: NOMEM, FORMAT. */
    enum err_code (*open)(struct sentencepiece_model **out, const void *data, size_t n,
                          const char *path, struct err *e);
    void (*free)(struct sentencepiece_model *s);
    /* Best segmentation of UTF-8 text; calls `piece` with every piece and its id, in order. */
    enum err_code (*encode)(const struct sentencepiece_model *s, const char *text, size_t n,
                            void (*piece)(void *user, const char *piece, size_t n, int32_t id),
                            void *user, struct err *e);
    /* The text of n pieces; *text is malloc'd and NUL-terminated. */
    enum err_code (*decode)(const struct sentencepiece_model *s, const char *const *pieces,
                            size_t n, char **text, struct err *e);
    int32_t (*size)(const struct sentencepiece_model *s);
    const char *(*piece)(const struct sentencepiece_model *s,
                         int32_t id);                                    /* borrowed; id in range */
    bool (*is_special)(const struct sentencepiece_model *s, int32_t id); /* control or unknown */
    int32_t (*eos)(const struct sentencepiece_model *s);                 /* −1: none */
    int32_t (*unk)(const struct sentencepiece_model *s);
};

/* Opens the module once. NULL on failure: IO, BACKEND. */
const struct sentencepiece_api *sentencepiece_load(struct err *e);

#endif
