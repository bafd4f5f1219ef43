/* Metaspace, as pre-tokenizer and as decoder: a character that is seen stands for the space. */
#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/json.h"
#include "backend/tokenizers/pattern.h"
#include "backend/tokenizers/stage.h"

#include <stdlib.h>
#include <string.h>

enum prepend_scheme { PREPEND_ALWAYS, PREPEND_FIRST, PREPEND_NEVER };

struct metaspace {
    struct stage base;
    struct pattern replacement; /* one character */
    enum prepend_scheme prepend;
    bool split;
};

static enum err_code read_scheme(enum prepend_scheme *out, const cJSON *json, const char *where,
                                 struct err *e) {
    static const char *const names[] = {"always", "first", "never"};
    const cJSON *scheme = tokenizer_json_get(json, "prepend_scheme"),
                *old = tokenizer_json_get(json, "add_prefix_space");
    const char *name = scheme ? tokenizer_json_text(json, "prepend_scheme") : "always";
    size_t i = 0;
    while (i < 3 && strcmp(names[i], name) != 0)
        i++;
    *out = (enum prepend_scheme)i;
    if (i == 3)
        return err_set(e, ERR_UNSUPPORTED, "%s.prepend_scheme \"%.40s\" is not known here", where,
                       name);
    if (!cJSON_IsFalse(old) || *out == PREPEND_NEVER)
        return ERR_OK;
    if (scheme)
        return err_set(e, ERR_FORMAT, "%s.add_prefix_space is false, prepend_scheme \"%s\"", where,
                       name);
    return err_set(e, ERR_FORMAT, "%s.add_prefix_space is false without prepend_scheme \"never\"",
                   where);
}

static enum err_code open_metaspace(struct stage **out, const cJSON *json, const char *where,
                                    struct err *e) {
    struct metaspace m = {.base.ops = &stage_metaspace};
    int32_t c;
    char text[4];
    *out = NULL;
    enum err_code code = read_scheme(&m.prepend, json, where, e);
    if (code)
        return code;
    code = tokenizer_json_flag(&m.split, json, "split", true, where, e);
    if (code)
        return code;
    code = tokenizer_json_character(&c, json, "replacement", where, e);
    if (code)
        return code;
    m.replacement.n = character_write(c, text);
    m.replacement.text = mem_text_n(text, m.replacement.n);
    *out = mem_copy(&m, sizeof m);
    return ERR_OK;
}

static void free_metaspace(struct stage *s) {
    pattern_dispose(&((struct metaspace *)s)->replacement);
}

static bool starts_marked(const struct metaspace *m, const struct aligned *in,
                          const struct span *span) {
    const size_t n = span->to - span->from;
    return in->text[span->from] == ' ' ||
           (n >= m->replacement.n &&
            memcmp(in->text + span->from, m->replacement.text, m->replacement.n) == 0);
}

static void write_marked(const void *how, const struct aligned *in, const struct span *span,
                         struct aligned *out) {
    const struct metaspace *m = how;
    const bool here = m->prepend == PREPEND_ALWAYS ||
                      (m->prepend == PREPEND_FIRST && in->origins[span->from].from == 0);
    if (here && !starts_marked(m, in, span))
        aligned_add(out, m->replacement.text, m->replacement.n, in->origins[span->from]);
    for (size_t at = span->from; at < span->to; at++)
        if (in->text[at] == ' ')
            aligned_add(out, m->replacement.text, m->replacement.n, in->origins[at]);
        else
            aligned_add(out, in->text + at, 1, in->origins[at]);
}

static enum err_code cut_marks(const void *how, const char *s, size_t n, regexp_part *part,
                               void *user, struct err *e) {
    return pattern_parts(how, s, n, part, user, e);
}

static enum err_code cut_metaspace(const struct stage *s, struct spans *spans, struct err *e) {
    const struct metaspace *m = (const struct metaspace *)s;
    spans_rewrite(spans, write_marked, m);
    if (!m->split)
        return ERR_OK;
    return spans_split(spans, cut_marks, &m->replacement, SPLIT_MERGED_WITH_NEXT, false, e);
}

/* --- pieces to text --- */

struct unmarking {
    const char *piece, *mark;
    struct text_buffer *out;
};

static void put_part(void *user, size_t from, size_t to, bool match) {
    const struct unmarking *u = user;
    if (match)
        text_buffer_puts(u->out, u->mark);
    else
        text_buffer_add(u->out, u->piece + from, to - from);
}

static void put_unmarked(const struct metaspace *m, const char *mark, const char *piece, size_t n,
                         struct text_buffer *out) {
    struct unmarking to = {piece, mark, out};
    struct err e;
    if (n)
        (void)!pattern_parts(&m->replacement, piece, n, put_part, &to, &e); /* a text never fails */
}

static void unmark_piece(const struct stage *s, const char *piece, size_t n,
                         struct text_buffer *out) {
    put_unmarked((const struct metaspace *)s, " ", piece, n, out);
}

/* Marks of the first piece were put there. */
static enum err_code decode_metaspace(const struct stage *s, const struct pieces *in,
                                      struct pieces *out, struct err *e) {
    const struct metaspace *m = (const struct metaspace *)s;
    (void)e;
    for (size_t i = 0; i < in->n; i++) {
        size_t n;
        const char *piece = pieces_get(in, i, &n);
        put_unmarked(m, i == 0 && m->prepend != PREPEND_NEVER ? "" : " ", piece, n, &out->text);
        pieces_end(out);
    }
    return ERR_OK;
}

const struct stage_ops stage_metaspace = {.type = "Metaspace",
                                          .open = open_metaspace,
                                          .cut = cut_metaspace,
                                          .decode = decode_metaspace,
                                          .decode_piece = unmark_piece,
                                          .free = free_metaspace};
