/* ByteLevel: a space in front, GPT-2's expression, and each byte as its character. */
#include "backend/tokenizers/byte_level.h"
#include "backend/tokenizers/json.h"
#include "backend/tokenizers/stage.h"

#include <stdlib.h>
#include <string.h>

#define GPT2 "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

struct byte_level {
    struct stage base;
    bool add_prefix_space;
    struct regexp *expression; /* NULL: none */
};

static enum err_code open_byte_level(struct stage **out, const cJSON *json, const char *where,
                                     struct err *e) {
    struct byte_level b = {.base.ops = &pre_tokenizer_byte_level};
    bool use_regex;
    *out = NULL;
    enum err_code code =
        tokenizer_json_flag(&b.add_prefix_space, json, "add_prefix_space", true, where, e);
    if (code)
        return code;
    code = tokenizer_json_flag(&use_regex, json, "use_regex", true, where, e);
    if (code)
        return code;
    if (use_regex)
        code = regexp_compile(&b.expression, GPT2, strlen(GPT2), where, e);
    if (code)
        return code;
    *out = mem_copy(&b, sizeof b);
    return ERR_OK;
}

static void add_space(const void *how, const struct aligned *in, const struct span *span,
                      struct aligned *out) {
    (void)how;
    if (in->text[span->from] != ' ')
        aligned_add(out, " ", 1, in->origins[span->from]);
    aligned_copy(out, in, span->from, span->to);
}

static void write_bytes(const void *how, const struct aligned *in, const struct span *span,
                        struct aligned *out) {
    byte_level_write(how, in, span->from, span->to, out);
}

static enum err_code cut_expression(const void *how, const char *s, size_t n, regexp_part *part,
                                    void *user, struct err *e) {
    return regexp_parts(how, s, n, part, user, e);
}

static enum err_code cut_byte_level(const struct stage *s, struct spans *spans, struct err *e) {
    const struct byte_level *b = (const struct byte_level *)s;
    struct byte_level_alphabet alphabet;
    enum err_code code = ERR_OK;
    byte_level_alphabet(&alphabet);
    if (b->add_prefix_space)
        spans_rewrite(spans, add_space, NULL);
    if (b->expression)
        code = spans_split(spans, cut_expression, b->expression, SPLIT_ISOLATED, false, e);
    if (code)
        return code;
    spans_rewrite(spans, write_bytes, &alphabet);
    return ERR_OK;
}

static void free_byte_level(struct stage *s) {
    regexp_free(((struct byte_level *)s)->expression);
}

const struct stage_ops pre_tokenizer_byte_level = {
    .type = "ByteLevel", .open = open_byte_level, .cut = cut_byte_level, .free = free_byte_level};
