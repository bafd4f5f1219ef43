/*
 * What a kind of tokenizer is: the files that it comes in and what it does with a text. Each kind's
 * file ends with its table; tokenizers.def lists them. Internal to backend/tokenizers/.
 */
#ifndef TINSEQ_BACKEND_TOKENIZERS_TOKENIZER_OPS_H
#define TINSEQ_BACKEND_TOKENIZERS_TOKENIZER_OPS_H

#include "backend/base/mem.h"
#include "backend/tokenizer.h"
#include "backend/tokenizers/vocabulary.h"

/* The first member of every kind's own struct. */
struct tokenizer {
    const struct tokenizer_ops *ops;
    const struct vocabulary *vocabulary; /* inside that struct */
    /* Of the target's texts, where their vocabulary is another; else NULL. Owned by the kind. */
    struct tokenizer *target;
    struct tokenizer_languages *languages; /* NULL: it has none. Owned by the kind */
};

/* A token that was found in a text. */
struct found_token {
    int32_t id;
    size_t from, to;     /* its bytes in the text; of what was added to it none, 0 and 0 */
    const char *unknown; /* the text that the vocabulary lacks and the id stands for; NULL: it is
                            the id's own */
    size_t n_unknown;
};

/* Takes the tokens of a text, in order. */
typedef void token_sink(void *user, const struct found_token *token);

struct tokenizer_ops {
    const char *files; /* for a message: "tokenizer.json" */
    bool takes_kwargs; /* `open` looks at model_files.tokenizer_kwargs, all of them */
    /* Whether these files are there. w: an open checkpoint that may hold them, or NULL. class: of
     * Transformers, that files name or the model's type has; "": not known, or not needed. */
    bool (*there)(const struct model_files *f, const struct weights *w, const char *class);
    /* Cheap signs that `open` will fail: why, owned by the caller; NULL: none. */
    char *(*problem)(const struct model_files *f, const struct weights *w);
    /* May correct special ids of `config`. */
    enum err_code (*open)(struct tokenizer **out, const struct model_files *f,
                          const struct weights *w, struct model_config *config, struct err *e);
    void (*free)(struct tokenizer *t);
    /* Calls `token` for every token of valid UTF-8, in order. */
    enum err_code (*encode)(const struct tokenizer *t, enum text_side side, const char *text,
                            size_t n, bool add_special, token_sink *token, void *user,
                            struct err *e);
    /* Appends the bytes that an id adds to a text; and whether it is special. Ids are in range. */
    void (*token)(const struct tokenizer *t, int32_t id, struct text_buffer *bytes);
    bool (*special)(const struct tokenizer *t, int32_t id);
    /* Makes the texts of both sides those of other languages, NULL: of the tokenizer's own. NULL:
     * the kind has none. */
    enum err_code (*speak)(struct tokenizer *t, const char *const languages[2], struct err *e);
    enum err_code (*decode)(const struct tokenizer *t, enum text_side side, const int32_t *ids,
                            size_t n, bool skip_special, char **text, struct err *e);
};

#define TOKENIZER(id) extern const struct tokenizer_ops tokenizer_##id;
#include "backend/tokenizers/tokenizers.def"
#undef TOKENIZER

/* A path of model_files that names something. */
static inline bool path_given(const char *path) {
    return path && *path;
}

#endif
