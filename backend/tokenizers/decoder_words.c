/* The WordPiece decoder: pieces with spaces between words, and English made tidy. */
#include "backend/tokenizers/clean_up.h"
#include "backend/tokenizers/json.h"
#include "backend/tokenizers/stage.h"

#include <stdlib.h>
#include <string.h>

struct wordpiece {
    struct stage base;
    char *prefix;
    bool clean_up;
};

static enum err_code open_wordpiece(struct stage **out, const cJSON *json, const char *where,
                                    struct err *e) {
    struct wordpiece w = {.base.ops = &decoder_wordpiece};
    const char *prefix;
    *out = NULL;
    enum err_code code = tokenizer_json_flag(&w.clean_up, json, "cleanup", true, where, e);
    if (code)
        return code;
    code = tokenizer_json_string(&prefix, json, "prefix", where, e);
    if (code)
        return code;
    w.prefix = mem_text(prefix);
    *out = mem_copy(&w, sizeof w);
    return ERR_OK;
}

static void add_piece(const struct wordpiece *w, const char *piece, size_t n, bool first,
                      struct text_buffer *out) {
    const size_t n_prefix = strlen(w->prefix);
    const bool inside = n >= n_prefix && memcmp(piece, w->prefix, n_prefix) == 0 && !first;
    char *text = mem_format("%s%.*s", first || inside ? "" : " ", (int)(inside ? n - n_prefix : n),
                            inside ? piece + n_prefix : piece);
    if (w->clean_up)
        mem_replace(&text, clean_up_words(text));
    text_buffer_puts(out, text);
    free(text);
}

static void add_inside(const struct stage *s, const char *piece, size_t n,
                       struct text_buffer *out) {
    add_piece((const struct wordpiece *)s, piece, n, false, out);
}

static enum err_code decode_wordpiece(const struct stage *s, const struct pieces *in,
                                      struct pieces *out, struct err *e) {
    (void)e;
    for (size_t i = 0; i < in->n; i++) {
        size_t n;
        const char *piece = pieces_get(in, i, &n);
        add_piece((const struct wordpiece *)s, piece, n, i == 0, &out->text);
        pieces_end(out);
    }
    return ERR_OK;
}

static void free_wordpiece(struct stage *s) {
    free(((struct wordpiece *)s)->prefix);
}

const struct stage_ops decoder_wordpiece = {.type = "WordPiece",
                                            .open = open_wordpiece,
                                            .decode = decode_wordpiece,
                                            .decode_piece = add_inside,
                                            .free = free_wordpiece};
