/*
 * A byte-level tokenizer from GGUF metadata: tokenizer.ggml.tokens, .merges, .token_type (3:
 * control, 4: user-defined) and .pre, the name of the pre-tokenizer. Reference: llama.cpp,
 * gguf-py/gguf/constants.py and src/llama-vocab.cpp.
 */
#include "backend/base/text.h"
#include "backend/tokenizers/bpe.h"
#include "backend/tokenizers/pipeline.h"
#include "backend/tokenizers/stages.h"
#include "backend/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TOKENS 2000000
#define NOT_BYTE_LEVEL "its tokenizer is no byte-level BPE, the only kind that is read from GGUF"
enum { TYPE_CONTROL = 3, TYPE_USER_DEFINED = 4 };

static enum err_code read_tokens(struct pipeline *p, const struct weights *w, struct err *e) {
    size_t n = 0;
    if (!weights_meta_array_size(w, "tokenizer.ggml.tokens", &n) || n == 0 || n > MAX_TOKENS)
        return err_set(e, ERR_FORMAT, "the GGUF file has no vocabulary (tokenizer.ggml.tokens)");
    vocabulary_init(&p->vocabulary, (int32_t)n);
    for (size_t i = 0; i < n; i++) {
        const char *text;
        size_t length;
        if (!weights_meta_array_text(w, "tokenizer.ggml.tokens", i, &text, &length) ||
            !text_valid_utf8(text, length, NULL) ||
            memchr(text, '\0', length)) /* pieces end with their first NUL everywhere else */
            return err_set(e, ERR_FORMAT, "token %zu of the GGUF file is not a text", i);
        vocabulary_add(&p->vocabulary, text, length);
    }
    pipeline_own(p);
    return ERR_OK;
}

/* Control and user-defined tokens are found in text as they stand. */
static enum err_code add_tokens(struct pipeline *p, const struct weights *w, struct err *e) {
    size_t n = 0;
    const size_t n_tokens = (size_t)p->vocabulary.n;
    if (!weights_meta_array_size(w, "tokenizer.ggml.token_type", &n) || n != n_tokens)
        return ERR_OK;
    for (size_t i = 0; i < n; i++) {
        int64_t type = 0;
        if (!weights_meta_array_int(w, "tokenizer.ggml.token_type", i, &type) ||
            (type != TYPE_CONTROL && type != TYPE_USER_DEFINED))
            continue;
        struct added_token t = {.special = type == TYPE_CONTROL};
        t.text = mem_text(vocabulary_piece(&p->vocabulary, (int32_t)i, NULL));
        enum err_code code = pipeline_add_token(p, &t, "tokenizer.ggml.tokens", e);
        free(t.text);
        if (code)
            return code;
    }
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

/* --- pre-tokenizers by llama.cpp's names, as tokenizer.json has them --- */

#define BYTES "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"use_regex\":false}"
#define GPT2 "{\"type\":\"ByteLevel\",\"add_prefix_space\":false}"
#define DIGITS_GPT2                                                                                \
    "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Digits\",\"individual_digits\":true}"   \
    "," GPT2 "]}"
#define SPLIT(expression)                                                                          \
    "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\",\"pattern\":{\"Regex\":"        \
    "\"" expression "\"},\"behavior\":\"Isolated\"}," BYTES "]}"
#define LETTERS "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|"
#define OTHERS                                                                                     \
    "| ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+"
#define LLAMA3 SPLIT(LETTERS "\\\\p{N}{1,3}" OTHERS)
#define QWEN2 SPLIT(LETTERS "\\\\p{N}" OTHERS)

static const struct named {
    const char *name, *stages;
    bool ignore_merges; /* a word that is a token is that token */
} named[] = {
    {"gpt-2", GPT2, false},
    {"gpt2", GPT2, false},
    {"default", GPT2, false},
    {"olmo", GPT2, false},
    {"smollm", DIGITS_GPT2, false},
    {"starcoder", DIGITS_GPT2, false},
    {"refact", DIGITS_GPT2, false},
    {"command-r", DIGITS_GPT2, false},
    {"codeshell", DIGITS_GPT2, false},
    {"llama-bpe", LLAMA3, true},
    {"llama3", LLAMA3, true},
    {"qwen2", QWEN2, false},
    {"dbrx", LLAMA3, false},
    {"smaug-bpe", LLAMA3, false},
};

static const struct named *find_named(const char *name) {
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strcmp(named[i].name, name) == 0)
            return &named[i];
    return NULL;
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

static enum err_code read_model(struct pipeline *p, const struct weights *w, bool ignore_merges,
                                struct err *e) {
    enum err_code code = read_tokens(p, w, e);
    if (code)
        return code;
    struct bpe *b = bpe_new(&p->vocabulary, p->own);
    p->model = &b->base;
    b->ignore_merges = ignore_merges;
    code = read_merges(b, w, e);
    if (code)
        return code;
    bpe_finish(b);
    return add_tokens(p, w, e);
}

static enum err_code read_all(struct pipeline *p, const struct weights *w, struct err *e) {
    char name[64];
    read_pre(w, name, sizeof name);
    const struct named *pre = find_named(name);
    enum err_code code = check_model(w, e);
    if (code)
        return code;
    if (!pre)
        return err_set(e, ERR_UNSUPPORTED, "the GGUF file's pre-tokenizer \"%s\" is not known here",
                       name);
    code = stages_add_text(&p->pre_tokenizers, STAGE_PRE_TOKENIZER, pre->stages,
                           "tokenizer.ggml.pre", e);
    if (code)
        return code;
    code = stages_add_text(&p->decoders, STAGE_DECODER, "{\"type\":\"ByteLevel\"}",
                           "tokenizer.ggml.pre", e);
    if (code)
        return code;
    code = read_model(p, w, pre->ignore_merges, e);
    if (code)
        return code;
    return pipeline_finish(p, "tokenizer.ggml.tokens", e);
}

static enum err_code open_gguf(struct tokenizer **out, const struct model_files *f,
                               const struct weights *w, struct model_config *config,
                               struct err *e) {
    struct pipeline *p = pipeline_new(&tokenizer_gguf);
    bool add_eos = false;
    (void)f;
    enum err_code code = read_all(p, w, e);
    if (code)
        return pipeline_hand_out(out, p, code);
    if (config->add_bos_token && config->bos_token_id >= 0)
        post_processor_put_before(&p->post, config->bos_token_id);
    if (weights_meta_bool(w, "tokenizer.ggml.add_eos_token", &add_eos) && add_eos &&
        config->eos_token_id >= 0)
        post_processor_put_after(&p->post, config->eos_token_id);
    return pipeline_hand_out(out, p, ERR_OK);
}

static bool there(const struct model_files *f, const struct weights *w) {
    return w && f->layout == LAYOUT_GGUF;
}

static char *problem(const struct model_files *f, const struct weights *w) {
    char name[64];
    (void)f;
    if (!text_is(w, "tokenizer.ggml.model", "gpt2"))
        return mem_text(NOT_BYTE_LEVEL);
    read_pre(w, name, sizeof name);
    return find_named(name) ? NULL : mem_format("its pre-tokenizer \"%s\" is not known here", name);
}

const struct tokenizer_ops tokenizer_gguf = {.files = "a GGUF file's vocabulary",
                                             .there = there,
                                             .problem = problem,
                                             .open = open_gguf,
                                             PIPELINE_OPS};
