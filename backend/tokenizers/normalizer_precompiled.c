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

static uint32_t number_at(const unsigned char *u) {
    return (uint32_t)u[0] | (uint32_t)u[1] << 8 | (uint32_t)u[2] << 16 | (uint32_t)u[3] << 24;
}

static uint32_t unit_at(const struct precompiled *p, size_t i) {
    return number_at(p->map + 4 + 4 * i);
}

static size_t offset_of(uint32_t unit) {
    return (size_t)(unit >> 10) << ((unit & 1u << 9) >> 6);
}

/* What the shortest prefix of s that the table has becomes; NULL: it has none. */
static const char *find(const struct precompiled *p, const char *s, size_t n) {
    const char *texts = (const char *)p->map + 4 + number_at(p->map);
    size_t node = offset_of(unit_at(p, 0));
    for (size_t i = 0; i < n && s[i]; i++) {
        node ^= (unsigned char)s[i];
        const uint32_t unit = unit_at(p, node);
        if ((unit & 0x800000FFu) != (unsigned char)s[i])
            return NULL;
        node ^= offset_of(unit);
        if (unit >> 8 & 1)
            return texts + (unit_at(p, node) & 0x7FFFFFFFu);
    }
    return NULL;
}

/* Writes what stands for n bytes of the text; the last characters take up a difference. */
static void put_replaced(struct rewriter *r, size_t n, const char *text) {
    const size_t n_text = strlen(text);
    const int more =
        (int)character_count(text, n_text) - (int)character_count(r->in->text + r->at, n);
    int left = (int)character_count(text, n_text);
    for (size_t at = 0, length; at < n_text; at += length, left--) {
        const int32_t c = character_at(text + at, n_text - at, &length);
        int change = more > 0 && left <= more;
        if (more < 0 && left == 1)
            change = more;
        rewriter_put(r, c, change);
    }
}

static bool put_found(struct rewriter *r, const struct precompiled *p, size_t n) {
    const char *text = find(p, r->in->text + r->at, n);
    const size_t next = r->at + n;
    if (!text)
        return false;
    put_replaced(r, n, text);
    r->at = next; /* also where nothing stands for it */
    return true;
}

static void put_grapheme(struct rewriter *r, const struct precompiled *p, size_t n) {
    const size_t end = r->at + n;
    if (n < 6 && put_found(r, p, n))
        return;
    while (r->at < end) {
        size_t length;
        const int32_t c = character_at(r->in->text + r->at, end - r->at, &length);
        if (!put_found(r, p, length))
            rewriter_put(r, c, 0);
    }
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

static enum err_code run_precompiled(const struct stage *n, struct aligned *text, struct err *e) {
    const struct precompiled *p = (const struct precompiled *)n;
    struct rewriter r = {.in = text};
    (void)e;
    while (r.at < text->n)
        put_grapheme(&r, p, grapheme_length(text->text + r.at, text->n - r.at));
    rewriter_finish(&r, text);
    return ERR_OK;
}

static void free_precompiled(struct stage *n) {
    free(((struct precompiled *)n)->map);
}

const struct stage_ops normalizer_precompiled = {.type = "Precompiled",
                                                 .open = open_precompiled,
                                                 .normalize = run_precompiled,
                                                 .free = free_precompiled};
