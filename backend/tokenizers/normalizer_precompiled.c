/*
 * Precompiled: sentencepiece's table of characters (see character_map.h), as the crate
 * spm_precompiled follows it: a grapheme of less than six bytes becomes what its shortest prefix in
 * the table says, else each of its characters does.
 */
#include "backend/base/base64.h"
#include "backend/tokenizers/character_map.h"
#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/json.h"
#include "backend/tokenizers/stage.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

struct precompiled {
    struct stage base;
    unsigned char *map;
    size_t n;
};

static enum err_code new_precompiled(struct stage **out, const unsigned char *map, size_t n,
                                     const char *where, struct err *e) {
    *out = NULL;
    if (!character_map_is_sound(map, n))
        return err_set(e, ERR_FORMAT, "%s: the table that normalises its text is damaged", where);
    struct precompiled *p = (struct precompiled *)stage_new(&normalizer_precompiled, sizeof *p);
    p->map = mem_copy(map, n);
    p->n = n;
    *out = &p->base;
    return ERR_OK;
}

static enum err_code open_precompiled(struct stage **out, const cJSON *json, const char *where,
                                      struct err *e) {
    const char *text;
    unsigned char *map = NULL;
    size_t n;
    struct err inner;
    *out = NULL;
    enum err_code code = tokenizer_json_string(&text, json, "precompiled_charsmap", where, e);
    if (code)
        return code;
    char *field = mem_format("%s.precompiled_charsmap", where);
    code = base64_read(&map, &n, text, strlen(text), "its characters", &inner);
    if (code)
        code = err_set(e, code, "%s: %s", field, inner.message);
    else if (n == 0)
        code = err_set(e, ERR_FORMAT, "%s is empty", field);
    else
        code = new_precompiled(out, map, n, field, e);
    free(map);
    free(field);
    return code;
}

static size_t grapheme_length(const char *s, size_t n) {
    size_t at, length;
    int32_t state = 0, before = character_at(s, n, &at);
    while (at < n) {
        const int32_t c = character_at(s + at, n - at, &length);
        if (utf8proc_grapheme_break_stateful(before, c, &state))
            break;
        before = c;
        at += length;
    }
    return at;
}

/* Writing the new text; the last character waits, for what is dropped behind it counts to it. */
struct writing {
    const struct precompiled *p;
    struct rewriter r;
    int32_t last; /* −1: none yet */
    int change;
};

static void put(struct writing *w, int32_t c, int change) {
    if (w->last >= 0)
        rewriter_put(&w->r, w->last, w->change);
    w->last = c;
    w->change = change;
}

/* What stands for n bytes: of more characters the last ones are new. Fewer drop some; in front of
 * all others, the library forgets them. */
static void put_replaced(struct writing *w, const char *s, size_t n, const char *text) {
    const size_t n_text = strlen(text);
    int left = (int)character_count(text, n_text);
    const int more = left - (int)character_count(s, n);
    for (size_t at = 0, length; at < n_text; at += length, left--)
        put(w, character_at(text + at, n_text - at, &length), more > 0 && left <= more);
    if (more < 0 && w->last >= 0)
        w->change += more;
}

static bool put_found(struct writing *w, const char *s, size_t n) {
    size_t length;
    const char *text = character_map_find(w->p->map, s, n, false, &length);
    if (text)
        put_replaced(w, s, n, text);
    return text;
}

static void put_grapheme(struct writing *w, const char *s, size_t n) {
    if (n < 6 && put_found(w, s, n))
        return;
    for (size_t at = 0, length; at < n; at += length) {
        const int32_t c = character_at(s + at, n - at, &length);
        if (!put_found(w, s + at, length))
            put(w, c, 0);
    }
}

static enum err_code run_precompiled(const struct stage *n, struct aligned *text, struct err *e) {
    struct writing w = {.p = (const struct precompiled *)n, .r = {.in = text}, .last = -1};
    (void)e;
    for (size_t at = 0, length; at < text->n; at += length) {
        length = grapheme_length(text->text + at, text->n - at);
        put_grapheme(&w, text->text + at, length);
    }
    put(&w, -1, 0);
    rewriter_finish(&w.r, text);
    return ERR_OK;
}

static void free_precompiled(struct stage *n) {
    free(((struct precompiled *)n)->map);
}

const struct stage_ops normalizer_precompiled = {.type = "Precompiled",
                                                 .open = open_precompiled,
                                                 .normalize = run_precompiled,
                                                 .free = free_precompiled};
