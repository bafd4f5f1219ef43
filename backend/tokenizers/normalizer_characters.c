/* Normalizers that change characters one by one: Lowercase, Strip, StripAccents, Nmt, Prepend,
 * ByteLevel, BertNormalizer. */
#include "backend/tokenizers/byte_level.h"
#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/json.h"
#include "backend/tokenizers/stage.h"

#include <stdlib.h>
#include <string.h>

/* --- without settings --- */

static enum err_code run_lowercase(const struct stage *n, struct aligned *text, struct err *e) {
    (void)n;
    (void)e;
    aligned_map(text, character_lower);
    return ERR_OK;
}

static bool is_no_mark(int32_t c) {
    return !character_is_mark(c);
}

static enum err_code run_strip_accents(const struct stage *n, struct aligned *text, struct err *e) {
    (void)n;
    (void)e;
    aligned_filter(text, is_no_mark);
    return ERR_OK;
}

static bool nmt_keeps(int32_t c) {
    return !((c >= 1 && c <= 8) || c == 0x0B || (c >= 0x0E && c <= 0x1F) || c == 0x7F ||
             c == 0x8F || c == 0x9F);
}

static size_t nmt_map(int32_t c, int32_t out[4]) {
    const bool space = c == '\t' || c == '\n' || c == 0x0C || c == '\r' || c == 0x1680 ||
                       (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581 ||
                       c == 0xFEFF || c == 0xFFFD;
    out[0] = space ? ' ' : c;
    return 1;
}

static enum err_code run_nmt(const struct stage *n, struct aligned *text, struct err *e) {
    (void)n;
    (void)e;
    aligned_filter(text, nmt_keeps);
    aligned_map(text, nmt_map);
    return ERR_OK;
}

static enum err_code run_byte_level(const struct stage *n, struct aligned *text, struct err *e) {
    struct byte_level_alphabet alphabet;
    struct aligned out = {0};
    (void)n;
    (void)e;
    byte_level_alphabet(&alphabet);
    byte_level_write(&alphabet, text, 0, text->n, &out);
    aligned_dispose(text);
    *text = out;
    return ERR_OK;
}

const struct stage_ops normalizer_lowercase = {.type = "Lowercase", .normalize = run_lowercase},
                       normalizer_strip_accents = {.type = "StripAccents",
                                                   .normalize = run_strip_accents},
                       normalizer_nmt = {.type = "Nmt", .normalize = run_nmt},
                       normalizer_byte_level = {.type = "ByteLevel", .normalize = run_byte_level};

/* --- Strip --- */

struct strip {
    struct stage base;
    bool left, right;
};

static enum err_code open_strip(struct stage **out, const cJSON *json, const char *where,
                                struct err *e) {
    struct strip s = {.base.ops = &normalizer_strip};
    *out = NULL;
    enum err_code code = tokenizer_json_flag(&s.left, json, "strip_left", false, where, e);
    if (code)
        return code;
    code = tokenizer_json_flag(&s.right, json, "strip_right", false, where, e);
    if (code)
        return code;
    *out = mem_copy(&s, sizeof s);
    return ERR_OK;
}

static enum err_code run_strip(const struct stage *n, struct aligned *text, struct err *e) {
    const struct strip *s = (const struct strip *)n;
    struct aligned out = {0};
    size_t begin = 0, end = text->n, length;
    (void)e;
    while (s->left && begin < end &&
           character_is_white(character_at(text->text + begin, end - begin, &length)))
        begin += length;
    while (s->right && end > begin &&
           character_is_white(character_before(text->text, end, &length)))
        end -= length;
    aligned_copy(&out, text, begin, end);
    aligned_dispose(text);
    *text = out;
    return ERR_OK;
}

const struct stage_ops normalizer_strip = {
    .type = "Strip", .open = open_strip, .normalize = run_strip};

/* --- Prepend --- */

struct prepend {
    struct stage base;
    char *text;
};

static enum err_code open_prepend(struct stage **out, const cJSON *json, const char *where,
                                  struct err *e) {
    const char *text;
    *out = NULL;
    enum err_code code = tokenizer_json_string(&text, json, "prepend", where, e);
    if (code)
        return code;
    struct prepend *p = (struct prepend *)stage_new(&normalizer_prepend, sizeof *p);
    p->text = mem_text(text);
    *out = &p->base;
    return ERR_OK;
}

static enum err_code run_prepend(const struct stage *n, struct aligned *text, struct err *e) {
    (void)e;
    aligned_prepend(text, ((const struct prepend *)n)->text);
    return ERR_OK;
}

static void free_prepend(struct stage *n) {
    free(((struct prepend *)n)->text);
}

const struct stage_ops normalizer_prepend = {
    .type = "Prepend", .open = open_prepend, .normalize = run_prepend, .free = free_prepend};

/* --- BERT --- */

struct bert {
    struct stage base;
    bool clean, space_ideographs, strip_accents, lower;
};

static enum err_code open_bert(struct stage **out, const cJSON *json, const char *where,
                               struct err *e) {
    struct bert b = {.base.ops = &normalizer_bert};
    *out = NULL;
    enum err_code code = tokenizer_json_flag(&b.clean, json, "clean_text", true, where, e);
    if (code)
        return code;
    code = tokenizer_json_flag(&b.space_ideographs, json, "handle_chinese_chars", true, where, e);
    if (code)
        return code;
    code = tokenizer_json_flag(&b.lower, json, "lowercase", true, where, e);
    if (code)
        return code;
    code = tokenizer_json_flag(&b.strip_accents, json, "strip_accents", b.lower, where, e);
    if (code)
        return code;
    *out = mem_copy(&b, sizeof b);
    return ERR_OK;
}

static bool bert_keeps(int32_t c) {
    return c != 0 && c != 0xFFFD && !character_is_control(c);
}

static size_t bert_space(int32_t c, int32_t out[4]) {
    out[0] = character_is_white(c) ? ' ' : c;
    return 1;
}

static bool is_no_accent(int32_t c) {
    return !character_is_accent(c);
}

/* A space on both sides of each ideograph. The library gives the ideograph's place to the space
 * before it. */
static void space_ideographs(struct aligned *text) {
    struct rewriter r = {.in = text};
    for (size_t at = 0, length; at < text->n; at += length) {
        const int32_t c = character_at(text->text + at, text->n - at, &length);
        const bool alone = character_is_ideograph(c);
        if (alone)
            rewriter_put(&r, ' ', 0);
        rewriter_put(&r, c, alone);
        if (alone)
            rewriter_put(&r, ' ', 1);
    }
    rewriter_finish(&r, text);
}

static enum err_code run_bert(const struct stage *n, struct aligned *text, struct err *e) {
    const struct bert *b = (const struct bert *)n;
    enum err_code code = ERR_OK;
    if (b->clean) {
        aligned_filter(text, bert_keeps);
        aligned_map(text, bert_space);
    }
    if (b->space_ideographs)
        space_ideographs(text);
    if (b->strip_accents) {
        code = normalizer_nfd.normalize(NULL, text, e);
        aligned_filter(text, is_no_accent);
    }
    if (b->lower)
        aligned_map(text, character_lower);
    return code;
}

const struct stage_ops normalizer_bert = {
    .type = "BertNormalizer", .open = open_bert, .normalize = run_bert};
