/*
 * A byte-level tokenizer from GGUF metadata: tokenizer.ggml.tokens, .merges, .token_type (3:
 * control, 4: user-defined) and .pre, the name of the pre-tokenizer. Reference: llama.cpp,
 * gguf-py/gguf/constants.py and src/llama-vocab.cpp.
 */
#include "backend/base/text.h"
#include "backend/tokenizers/bpe.h"
#include "backend/weights.h"

#include <stdio.h>
#include <string.h>

#define MAX_TOKENS 2000000
enum { TYPE_CONTROL = 3, TYPE_USER_DEFINED = 4 };

static enum err_code read_tokens(struct bpe *b, const struct weights *w, struct err *e) {
    size_t n = 0, n_types = 0;
    if (!weights_meta_array_size(w, "tokenizer.ggml.tokens", &n) || n == 0 || n > MAX_TOKENS)
        return err_set(e, ERR_FORMAT, "the GGUF file has no vocabulary (tokenizer.ggml.tokens)");
    vocabulary_init(&b->vocabulary, (int32_t)n);
    bool typed = weights_meta_array_size(w, "tokenizer.ggml.token_type", &n_types) && n_types == n;
    for (size_t i = 0; i < n; i++) {
        const char *text;
        size_t length;
        int64_t type = 0;
        if (!weights_meta_array_text(w, "tokenizer.ggml.tokens", i, &text, &length) ||
            !text_valid_utf8(text, length, NULL) ||
            memchr(text, '\0', length)) /* pieces end with their first NUL everywhere else */
            return err_set(e, ERR_FORMAT, "token %zu of the GGUF file is not a text", i);
        vocabulary_add(&b->vocabulary, text, length);
        if (typed && weights_meta_array_int(w, "tokenizer.ggml.token_type", i, &type) &&
            (type == TYPE_CONTROL || type == TYPE_USER_DEFINED))
            bpe_add_token(b, (int32_t)i, type == TYPE_CONTROL, text, length);
    }
    vocabulary_index(&b->vocabulary);
    return ERR_OK;
}

static enum err_code read_merges(struct bpe *b, const struct weights *w, struct err *e) {
    size_t n = 0;
    if (!weights_meta_array_size(w, "tokenizer.ggml.merges", &n) || n > MAX_TOKENS)
        return err_set(e, ERR_FORMAT, "the GGUF file has no merges (tokenizer.ggml.merges)");
    bpe_start_merges(b, n);
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < n; i++) {
        const char *text;
        size_t length;
        if (!weights_meta_array_text(w, "tokenizer.ggml.merges", i, &text, &length))
            return err_set(e, ERR_FORMAT, "merge %zu of the GGUF file is not a text", i);
        const char *space = length > 1 ? memchr(text + 1, ' ', length - 1) : NULL;
        if (!space)
            return err_set(e, ERR_FORMAT, "merge %zu of the GGUF file is not a pair", i);
        size_t n_left = (size_t)(space - text);
        code = bpe_add_merge(b, (int32_t)i, text, n_left, space + 1, length - n_left - 1, e);
        if (code)
            return code;
    }
    return code;
}

static bool text_is(const struct weights *w, const char *key, const char *value) {
    const char *text;
    size_t n;
    return weights_meta_text(w, key, &text, &n) && n == strlen(value) &&
           memcmp(text, value, n) == 0;
}

/* The pre-tokenizer's name; "default" where the file has none. */
static void read_pre(const struct weights *w, char *name, size_t n_name) {
    const char *text = "default";
    size_t n = strlen(text);
    (void)weights_meta_text(w, "tokenizer.ggml.pre", &text, &n);
    snprintf(name, n_name, "%.*s", (int)(n < n_name ? n : n_name), text);
}

static enum err_code check_model(const struct weights *w, struct err *e) {
    const char *text = "";
    size_t n = 0;
    if (text_is(w, "tokenizer.ggml.model", "gpt2"))
        return ERR_OK;
    (void)weights_meta_text(w, "tokenizer.ggml.model", &text, &n);
    return err_set(e, ERR_UNSUPPORTED,
                   "the GGUF file's tokenizer is \"%.*s\"; only byte-level BPE (\"gpt2\") is read "
                   "from GGUF",
                   (int)(n < 40 ? n : 40), text);
}

static enum err_code read_all(struct bpe *b, const struct weights *w, struct err *e) {
    char name[64];
    read_pre(w, name, sizeof name);
    enum err_code code = check_model(w, e);
    if (code)
        return code;
    if (!pre_tokenizer_add_named(b->pre, name, &b->ignore_merges))
        code = err_set(e, ERR_UNSUPPORTED, "the GGUF file's pre-tokenizer \"%s\" is not known here",
                       name);
    if (code)
        return code;
    code = read_tokens(b, w, e);
    if (code)
        return code;
    return read_merges(b, w, e);
}

static enum err_code open_gguf(struct tokenizer **out, const struct model_files *f,
                               const struct weights *w, struct model_config *config,
                               struct err *e) {
    struct bpe *b = bpe_new(&tokenizer_gguf);
    bool add_eos = false;
    (void)f;
    enum err_code code = read_all(b, w, e);
    if (code)
        return bpe_hand_out(out, b, code);
    bpe_finish(b);
    if (config->add_bos_token && config->bos_token_id >= 0)
        b->prefix[b->n_prefix++] = config->bos_token_id;
    if (weights_meta_bool(w, "tokenizer.ggml.add_eos_token", &add_eos) && add_eos &&
        config->eos_token_id >= 0)
        b->suffix[b->n_suffix++] = config->eos_token_id;
    return bpe_hand_out(out, b, ERR_OK);
}

static bool there(const struct model_files *f, const struct weights *w) {
    return w && f->layout == LAYOUT_GGUF;
}

static char *problem(const struct model_files *f, const struct weights *w) {
    char name[64];
    bool unused;
    (void)f;
    if (!text_is(w, "tokenizer.ggml.model", "gpt2"))
        return mem_text(BPE_NOT_BYTE_LEVEL);
    read_pre(w, name, sizeof name);
    struct pre_tokenizer *scratch = pre_tokenizer_new();
    char *why = pre_tokenizer_add_named(scratch, name, &unused)
                    ? NULL
                    : mem_format("its pre-tokenizer \"%s\" is not known here", name);
    pre_tokenizer_free(scratch);
    return why;
}

const struct tokenizer_ops tokenizer_gguf = {.files = "a GGUF file's vocabulary",
                                             .there = there,
                                             .problem = problem,
                                             .open = open_gguf,
                                             BPE_OPS};
