/* Replace, as normalizer and as decoder: what a pattern finds becomes a text, which stands where
 * the last character of it did. BPEDecoder, which replaces the end of a word. */
#include "backend/tokenizers/json.h"
#include "backend/tokenizers/pattern.h"
#include "backend/tokenizers/stage.h"

#include <stdlib.h>
#include <string.h>

struct replace {
    struct stage base;
    struct pattern pattern;
    char *content;
};

static enum err_code open_replace(struct stage **out, const cJSON *json, const char *where,
                                  struct err *e) {
    const char *content;
    struct pattern pattern;
    *out = NULL;
    enum err_code code = tokenizer_json_string(&content, json, "content", where, e);
    if (code)
        return code;
    code = pattern_open(&pattern, json, where, e);
    if (code)
        return code;
    struct replace *r = (struct replace *)stage_new(&stage_replace, sizeof *r);
    r->pattern = pattern;
    r->content = mem_text(content);
    *out = &r->base;
    return ERR_OK;
}

/* --- in a text --- */

struct writing {
    const struct aligned *in;
    struct aligned out;
    const char *content;
};

static void write_part(void *user, size_t from, size_t to, bool match) {
    struct writing *w = user;
    const struct origin first = {w->in->origins[0].from, w->in->origins[0].from};
    if (match)
        aligned_add(&w->out, w->content, strlen(w->content), to ? w->in->origins[to - 1] : first);
    else
        aligned_copy(&w->out, w->in, from, to);
}

static enum err_code run_replace(const struct stage *n, struct aligned *text, struct err *e) {
    const struct replace *r = (const struct replace *)n;
    struct writing w = {.in = text, .content = r->content};
    if (text->n == 0)
        return ERR_OK;
    enum err_code code = pattern_parts(&r->pattern, text->text, text->n, write_part, &w, e);
    aligned_dispose(text);
    *text = w.out;
    return code;
}

/* --- in pieces --- */

struct replacing {
    const char *piece, *content;
    struct text_buffer *out;
};

static void put_part(void *user, size_t from, size_t to, bool match) {
    const struct replacing *r = user;
    if (match)
        text_buffer_puts(r->out, r->content);
    else
        text_buffer_add(r->out, r->piece + from, to - from);
}

static enum err_code replace_in(const struct replace *r, const char *piece, size_t n,
                                struct text_buffer *out, struct err *e) {
    struct replacing to = {piece, r->content, out};
    return n ? pattern_parts(&r->pattern, piece, n, put_part, &to, e) : ERR_OK;
}

/* A piece whose expression takes too long stays. */
static void replace_piece(const struct stage *s, const char *piece, size_t n,
                          struct text_buffer *out) {
    struct err e;
    const size_t before = out->n;
    if (!replace_in((const struct replace *)s, piece, n, out, &e))
        return;
    out->n = before;
    text_buffer_add(out, piece, n);
}

static enum err_code decode_replace(const struct stage *s, const struct pieces *in,
                                    struct pieces *out, struct err *e) {
    for (size_t i = 0; i < in->n; i++) {
        size_t n;
        const char *piece = pieces_get(in, i, &n);
        enum err_code code = replace_in((const struct replace *)s, piece, n, &out->text, e);
        if (code)
            return code;
        pieces_end(out);
    }
    return ERR_OK;
}

static void free_replace(struct stage *n) {
    struct replace *r = (struct replace *)n;
    pattern_dispose(&r->pattern);
    free(r->content);
}

const struct stage_ops stage_replace = {.type = "Replace",
                                        .open = open_replace,
                                        .normalize = run_replace,
                                        .decode = decode_replace,
                                        .decode_piece = replace_piece,
                                        .free = free_replace};

/* --- BPEDecoder --- */

/* A word's end is a space, but at the text's end nothing. */
static enum err_code open_bpe(struct stage **out, const cJSON *json, const char *where,
                              struct err *e) {
    const char *suffix;
    *out = NULL;
    enum err_code code = tokenizer_json_string(&suffix, json, "suffix", where, e);
    if (code)
        return code;
    if (!*suffix)
        return err_set(e, ERR_UNSUPPORTED, "%s.suffix is empty", where);
    struct replace *r = (struct replace *)stage_new(&decoder_bpe, sizeof *r);
    r->pattern = (struct pattern){.text = mem_text(suffix), .n = strlen(suffix)};
    r->content = mem_text(" ");
    *out = &r->base;
    return ERR_OK;
}

static enum err_code decode_bpe(const struct stage *s, const struct pieces *in, struct pieces *out,
                                struct err *e) {
    const struct replace *inside = (const struct replace *)s;
    const struct replace last = {.pattern = inside->pattern, .content = (char[]){""}};
    for (size_t i = 0; i < in->n; i++) {
        size_t n;
        const char *piece = pieces_get(in, i, &n);
        enum err_code code = replace_in(i + 1 == in->n ? &last : inside, piece, n, &out->text, e);
        if (code)
            return code;
        pieces_end(out);
    }
    return ERR_OK;
}

const struct stage_ops decoder_bpe = {.type = "BPEDecoder",
                                      .open = open_bpe,
                                      .decode = decode_bpe,
                                      .decode_piece = replace_piece,
                                      .free = free_replace};
