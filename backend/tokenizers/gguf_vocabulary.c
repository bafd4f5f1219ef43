#include "backend/tokenizers/gguf_vocabulary.h"

#include "backend/base/text.h"
#include "backend/tokenizers/words.h"
#include "backend/weights.h"

#include <math.h>
#include <stdlib.h>

#define TOKENS "tokenizer.ggml.tokens"

static enum err_code add_piece(struct pipeline *p, const struct weights *w, size_t i,
                               bool (*piece)(const struct weights *w, size_t i, const char *text,
                                             size_t n, struct text_buffer *out),
                               struct err *e) {
    const char *text;
    size_t n;
    struct text_buffer other = {0};
    if (!weights_meta_array_text(w, TOKENS, i, &text, &n) || !text_valid_utf8(text, n, NULL) ||
        memchr(text, '\0', n)) /* pieces end with their first NUL everywhere else */
        return err_set(e, ERR_FORMAT, "token %zu of the GGUF file is not a text", i);
    if (piece && piece(w, i, text, n, &other))
        vocabulary_add(&p->vocabulary, other.text, other.n);
    else
        vocabulary_add(&p->vocabulary, text, n);
    text_buffer_dispose(&other);
    return ERR_OK;
}

enum err_code gguf_read_tokens(struct pipeline *p, const struct weights *w,
                               bool (*piece)(const struct weights *w, size_t i, const char *text,
                                             size_t n, struct text_buffer *out),
                               struct err *e) {
    size_t n = 0;
    if (!weights_meta_array_size(w, TOKENS, &n) || n == 0 || n > VOCABULARY_MOST)
        return err_set(e, ERR_FORMAT, "the GGUF file has no vocabulary (" TOKENS ")");
    vocabulary_init(&p->vocabulary, (int32_t)n);
    for (size_t i = 0; i < n; i++) {
        enum err_code code = add_piece(p, w, i, piece, e);
        if (code)
            return code;
    }
    pipeline_own(p);
    return ERR_OK;
}

int gguf_type(const struct weights *w, size_t i) {
    int64_t type = PIECE_NORMAL;
    (void)weights_meta_array_int(w, "tokenizer.ggml.token_type", i, &type);
    return type > 0 && type <= PIECE_BYTE ? (int)type : PIECE_NORMAL;
}

enum err_code gguf_add_tokens(struct pipeline *p, const struct weights *w, bool rstrip,
                              struct err *e) {
    const int32_t n = p->vocabulary.n;
    for (int32_t i = 0; i < n; i++) {
        const int type = gguf_type(w, (size_t)i);
        if (type != PIECE_CONTROL && type != PIECE_USER_DEFINED && type != PIECE_UNKNOWN)
            continue;
        struct added_token t = {.special = type != PIECE_USER_DEFINED};
        t.text = mem_text(vocabulary_piece(&p->vocabulary, i, NULL));
        t.rstrip = rstrip && !words_hold("<unk> <s> <|endoftext|>", t.text);
        enum err_code code = pipeline_add_token(p, &t, TOKENS, e);
        free(t.text);
        if (code)
            return code;
    }
    return ERR_OK;
}

enum err_code gguf_scores(float **out, const struct weights *w, int32_t n, struct err *e) {
    static const char key[] = "tokenizer.ggml.scores";
    *out = mem_alloc((size_t)n * sizeof **out);
    for (int32_t i = 0; i < n; i++) {
        double score = 0;
        if (!weights_meta_array_float(w, key, (size_t)i, &score) || !isfinite(score))
            return err_set(e, ERR_FORMAT, "token %d of the GGUF file has no score (%s)", i, key);
        (*out)[i] = (float)score;
    }
    return ERR_OK;
}

enum err_code gguf_read_merges(struct bpe *b, const struct weights *w, struct err *e) {
    size_t n = 0;
    if (!weights_meta_array_size(w, "tokenizer.ggml.merges", &n) || n > VOCABULARY_MOST)
        return err_set(e, ERR_FORMAT, "the GGUF file has no merges (tokenizer.ggml.merges)");
    bpe_start_merges(b, n);
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < n && !code; i++) {
        const char *text;
        size_t length;
        if (!weights_meta_array_text(w, "tokenizer.ggml.merges", i, &text, &length))
            return err_set(e, ERR_FORMAT, "merge %zu of the GGUF file is not a text", i);
        const char *space = length > 1 ? memchr(text + 1, ' ', length - 1) : NULL;
        if (!space)
            return err_set(e, ERR_FORMAT, "merge %zu of the GGUF file is not a pair", i);
        const size_t n_left = (size_t)(space - text);
        code = bpe_add_merge(b, (int32_t)i, text, n_left, space + 1, length - n_left - 1, e);
    }
    return code;
}
