/* Pre-tokenizers that cut at what they find: Split, Digits, Punctuation, Whitespace,
 * WhitespaceSplit, CharDelimiterSplit, BertPreTokenizer, FixedLength. */
#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/json.h"
#include "backend/tokenizers/pattern.h"
#include "backend/tokenizers/stage.h"

#include <stdlib.h>
#include <string.h>

static const struct character_class white = {character_is_white}, numeric = {character_is_numeric},
                                    punctuation = {character_is_punctuation};

/* Its member "behavior"; one that is missing is Isolated where that is the default. */
static enum err_code read_behavior(enum split_behavior *out, const cJSON *json, bool optional,
                                   const char *where, struct err *e) {
    static const char *const names[] = {[SPLIT_REMOVED] = "Removed",
                                        [SPLIT_ISOLATED] = "Isolated",
                                        [SPLIT_MERGED_WITH_PREVIOUS] = "MergedWithPrevious",
                                        [SPLIT_MERGED_WITH_NEXT] = "MergedWithNext",
                                        [SPLIT_CONTIGUOUS] = "Contiguous"};
    const char *name = tokenizer_json_text(json, "behavior");
    *out = SPLIT_ISOLATED;
    if (optional && !tokenizer_json_get(json, "behavior"))
        return ERR_OK;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0) {
            *out = (enum split_behavior)i;
            return ERR_OK;
        }
    return err_set(e, ERR_UNSUPPORTED, "%s.behavior \"%.40s\" is not known here", where, name);
}

/* --- Split --- */

struct split {
    struct stage base;
    struct pattern pattern;
    enum split_behavior behavior;
    bool invert;
};

static enum err_code open_split(struct stage **out, const cJSON *json, const char *where,
                                struct err *e) {
    struct split s = {.base.ops = &pre_tokenizer_split};
    *out = NULL;
    enum err_code code = read_behavior(&s.behavior, json, false, where, e);
    if (code)
        return code;
    code = tokenizer_json_flag(&s.invert, json, "invert", false, where, e);
    if (code)
        return code;
    code = pattern_open(&s.pattern, json, where, e);
    if (code)
        return code;
    *out = mem_copy(&s, sizeof s);
    return ERR_OK;
}

static enum err_code cut_pattern(const void *how, const char *s, size_t n, regexp_part *part,
                                 void *user, struct err *e) {
    return pattern_parts(how, s, n, part, user, e);
}

static enum err_code cut_split(const struct stage *stage, struct spans *spans, struct err *e) {
    const struct split *s = (const struct split *)stage;
    return spans_split(spans, cut_pattern, &s->pattern, s->behavior, s->invert, e);
}

static void free_split(struct stage *s) {
    pattern_dispose(&((struct split *)s)->pattern);
}

const struct stage_ops pre_tokenizer_split = {
    .type = "Split", .open = open_split, .cut = cut_split, .free = free_split};

/* --- Digits --- */

struct digits {
    struct stage base;
    bool individual;
};

static enum err_code open_digits(struct stage **out, const cJSON *json, const char *where,
                                 struct err *e) {
    struct digits d = {.base.ops = &pre_tokenizer_digits};
    enum err_code code =
        tokenizer_json_flag(&d.individual, json, "individual_digits", false, where, e);
    *out = code ? NULL : mem_copy(&d, sizeof d);
    return code;
}

static enum err_code cut_digits(const struct stage *s, struct spans *spans, struct err *e) {
    const bool individual = ((const struct digits *)s)->individual;
    return spans_split(spans, spans_cut_class, &numeric,
                       individual ? SPLIT_ISOLATED : SPLIT_CONTIGUOUS, false, e);
}

const struct stage_ops pre_tokenizer_digits = {
    .type = "Digits", .open = open_digits, .cut = cut_digits};

/* --- Punctuation --- */

struct punctuation {
    struct stage base;
    enum split_behavior behavior;
};

static enum err_code open_punctuation(struct stage **out, const cJSON *json, const char *where,
                                      struct err *e) {
    struct punctuation p = {.base.ops = &pre_tokenizer_punctuation};
    enum err_code code = read_behavior(&p.behavior, json, true, where, e);
    *out = code ? NULL : mem_copy(&p, sizeof p);
    return code;
}

static enum err_code cut_punctuation(const struct stage *s, struct spans *spans, struct err *e) {
    return spans_split(spans, spans_cut_class, &punctuation,
                       ((const struct punctuation *)s)->behavior, false, e);
}

const struct stage_ops pre_tokenizer_punctuation = {
    .type = "Punctuation", .open = open_punctuation, .cut = cut_punctuation};

/* --- white space --- */

/* Runs of word characters, and runs of others, without the white space between them. */
static enum err_code cut_words(const void *how, const char *s, size_t n, regexp_part *part,
                               void *user, struct err *e) {
    enum { SPACE, WORD, OTHER, NONE } kind, last = NONE;
    size_t begin = 0, length;
    (void)how;
    (void)e;
    for (size_t at = 0; at < n; at += length, last = kind) {
        const int32_t c = character_at(s + at, n - at, &length);
        kind = character_is_white(c) ? SPACE : OTHER;
        if (character_is_word(c))
            kind = WORD;
        if (last == NONE || kind == last)
            continue;
        part(user, begin, at, last == SPACE);
        begin = at;
    }
    part(user, begin, n, last == SPACE);
    return ERR_OK;
}

static enum err_code cut_whitespace(const struct stage *s, struct spans *spans, struct err *e) {
    (void)s;
    return spans_split(spans, cut_words, NULL, SPLIT_REMOVED, false, e);
}

static enum err_code cut_whitespace_split(const struct stage *s, struct spans *spans,
                                          struct err *e) {
    (void)s;
    return spans_split(spans, spans_cut_class, &white, SPLIT_REMOVED, false, e);
}

static enum err_code cut_bert(const struct stage *s, struct spans *spans, struct err *e) {
    enum err_code code = cut_whitespace_split(s, spans, e);
    if (code)
        return code;
    return spans_split(spans, spans_cut_class, &punctuation, SPLIT_ISOLATED, false, e);
}

const struct stage_ops pre_tokenizer_whitespace = {.type = "Whitespace", .cut = cut_whitespace},
                       pre_tokenizer_whitespace_split = {.type = "WhitespaceSplit",
                                                         .cut = cut_whitespace_split},
                       pre_tokenizer_bert = {.type = "BertPreTokenizer", .cut = cut_bert};

/* --- CharDelimiterSplit --- */

struct delimiter {
    struct stage base;
    struct pattern pattern;
};

static enum err_code open_delimiter(struct stage **out, const cJSON *json, const char *where,
                                    struct err *e) {
    int32_t c;
    char text[4];
    *out = NULL;
    enum err_code code = tokenizer_json_character(&c, json, "delimiter", where, e);
    if (code)
        return code;
    struct delimiter *d = (struct delimiter *)stage_new(&pre_tokenizer_delimiter, sizeof *d);
    d->pattern.n = character_write(c, text);
    d->pattern.text = mem_text_n(text, d->pattern.n);
    *out = &d->base;
    return ERR_OK;
}

static enum err_code cut_delimiter(const struct stage *s, struct spans *spans, struct err *e) {
    return spans_split(spans, cut_pattern, &((const struct delimiter *)s)->pattern, SPLIT_REMOVED,
                       false, e);
}

static void free_delimiter(struct stage *s) {
    pattern_dispose(&((struct delimiter *)s)->pattern);
}

const struct stage_ops pre_tokenizer_delimiter = {.type = "CharDelimiterSplit",
                                                  .open = open_delimiter,
                                                  .cut = cut_delimiter,
                                                  .free = free_delimiter};

/* --- FixedLength --- */

struct fixed_length {
    struct stage base;
    int64_t length; /* in characters */
};

static enum err_code open_fixed_length(struct stage **out, const cJSON *json, const char *where,
                                       struct err *e) {
    struct fixed_length f = {.base.ops = &pre_tokenizer_fixed_length};
    *out = NULL;
    enum err_code code = tokenizer_json_count(&f.length, json, "length", 5, 1 << 30, where, e);
    if (code)
        return code;
    if (f.length == 0)
        return err_set(e, ERR_FORMAT, "%s.length is 0", where);
    *out = mem_copy(&f, sizeof f);
    return ERR_OK;
}

static enum err_code cut_lengths(const void *how, const char *s, size_t n, regexp_part *part,
                                 void *user, struct err *e) {
    const struct fixed_length *f = how;
    size_t begin = 0, at = 0;
    int64_t count = 0;
    (void)e;
    while (at < n) {
        at += character_length(s + at, n - at);
        if (++count % f->length && at < n)
            continue;
        part(user, begin, at, false);
        begin = at;
    }
    return ERR_OK;
}

static enum err_code cut_fixed_length(const struct stage *s, struct spans *spans, struct err *e) {
    return spans_split(spans, cut_lengths, s, SPLIT_ISOLATED, false, e);
}

const struct stage_ops pre_tokenizer_fixed_length = {
    .type = "FixedLength", .open = open_fixed_length, .cut = cut_fixed_length};
