/*
 * BlenderbotSmall's tokenizer: small letters, marks begin words, and pieces that a word goes on
 * behind end with "@@". Reference: transformers 4.57,
 * models/blenderbot_small/tokenization_blenderbot_small.py, the class without "Fast": the other one
 * cannot read these files.
 */
#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/converted.h"
#include "backend/tokenizers/moses.h"
#include "backend/tokenizers/slow_class.h"
#include "backend/tokenizers/slow_merges.h"
#include "backend/tokenizers/stages.h"

#include <stdlib.h>
#include <string.h>

#define JOINT "@@"

static const struct slow_style style = {JOINT, true};

/* --- small letters: the last pre-tokenizer --- */

#define SIGMA "\xCE\xA3"       /* U+03A3 */
#define FINAL_SIGMA "\xCF\x82" /* U+03C2, as long */

static bool is_cased(int32_t c) {
    int32_t lower[4] = {0};
    return moses_is(MOSES_SMALL, c) || character_lower(c, lower) != 1 || lower[0] != c;
}

/* What does not part a word's letters (Unicode's Case_Ignorable, of what there is in words). */
static bool is_ignored(int32_t c) {
    return character_is_accent(c) || (c >= 0x80 && character_is_control(c)) || c == 0x2019 ||
           c == 0xB7 || c == ':' || c == '.' || c == '^' || c == '`';
}

/* Whether a letter stands before a byte. */
static bool letter_before(const struct aligned *word, size_t at) {
    size_t n;
    while (at > 0) {
        const int32_t c = character_before(word->text, at, &n);
        if (!is_ignored(c))
            return is_cased(c);
        at -= n;
    }
    return false;
}

static bool letter_behind(const struct aligned *word, size_t at) {
    size_t n;
    for (; at < word->n; at += n) {
        const int32_t c = character_at(word->text + at, word->n - at, &n);
        if (!is_ignored(c))
            return is_cased(c);
    }
    return false;
}

/* As Python's lower(): a sigma that ends a word is another letter. */
static void write_small(const void *how, const struct aligned *in, const struct span *span,
                        struct aligned *out) {
    struct aligned word = {0};
    const size_t n = strlen(SIGMA);
    (void)how;
    aligned_copy(&word, in, span->from, span->to);
    for (size_t at = 0; at + n <= word.n; at++)
        if (memcmp(word.text + at, SIGMA, n) == 0 && letter_before(&word, at) &&
            !letter_behind(&word, at + n))
            memcpy(word.text + at, FINAL_SIGMA, n);
    aligned_map(&word, character_lower);
    aligned_copy(out, &word, 0, word.n);
    aligned_dispose(&word);
}

static enum err_code cut(const struct stage *s, struct spans *spans, struct err *e) {
    (void)s, (void)e;
    spans_rewrite(spans, write_small, NULL);
    return ERR_OK;
}

static const struct stage_ops small_ops = {.type = "small letters", .cut = cut};

/* --- files --- */

/* A line break counts right behind a word; an apostrophe is one by itself; other marks begin one.
 */
static enum err_code add_stages(struct pipeline *p, const char *where, struct err *e) {
    static const char normalizer[] =
        "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \"(?<=[^\\\\s'])\\n\"}, "
        "\"content\": \" __newln__ \"}";
    static const char words[] = "{\"type\": \"Sequence\", \"pretokenizers\": ["
                                "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"\\\\s+\"}, "
                                "\"behavior\": \"Removed\", \"invert\": false}, "
                                "{\"type\": \"Split\", \"pattern\": {\"String\": \"'\"}, "
                                "\"behavior\": \"Isolated\", \"invert\": false}, "
                                "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"[.,!?()]\"}, "
                                "\"behavior\": \"MergedWithNext\", \"invert\": false}]}";
    enum err_code code = stages_add_text(&p->normalizers, STAGE_NORMALIZER, normalizer, where, e);
    if (code)
        return code;
    code = stages_add_text(&p->pre_tokenizers, STAGE_PRE_TOKENIZER, words, where, e);
    stages_take(&p->pre_tokenizers, stage_new(&small_ops, sizeof(struct stage)));
    return code;
}

static enum err_code fill(struct pipeline *p, const struct model_files *f,
                          const struct tokenizer_class *class, struct token_settings *s,
                          struct model_config *config, struct err *e) {
    enum err_code code = vocabulary_read_file(&p->vocabulary, f->vocab_json, e);
    if (code)
        return code;
    pipeline_own(p);
    code = slow_merges_open(&p->model, &p->vocabulary, p->own, f->merges, &style, e);
    if (code)
        return code;
    code = add_stages(p, f->vocab_json, e);
    if (code)
        return code;
    code = slow_class_add_tokens(p, class, s, e);
    if (code)
        return code;
    special_correct_ids(class, s, &p->vocabulary, config);
    slow_merges_finish(p->model, config->unk_token_id);
    p->clean_up_spaces = token_settings_flag(s, "clean_up_tokenization_spaces", false);
    return ERR_OK;
}

static enum err_code open_words(struct tokenizer **out, const struct model_files *f,
                                const struct weights *w, struct model_config *config,
                                struct err *e) {
    (void)w;
    return slow_class_open(out, &tokenizer_lower_words, FROM_LOWER_WORDS, fill, f, config, e);
}

static bool there(const struct model_files *f, const struct weights *w, const char *class) {
    (void)w;
    return path_given(f->vocab_json) && path_given(f->merges) &&
           slow_class_find(class, FROM_LOWER_WORDS);
}

/* --- ids to text --- */

static bool goes_on(const char *piece, size_t n) {
    return n >= strlen(JOINT) && strcmp(piece + n - strlen(JOINT), JOINT) == 0;
}

static void bytes_of(const struct tokenizer *t, int32_t id, struct text_buffer *out) {
    size_t n;
    const char *piece = vocabulary_piece(t->vocabulary, id, &n);
    const bool joined = goes_on(piece, n), added = pipeline_special(t, id);
    text_buffer_add(out, piece, joined ? n - strlen(JOINT) : n);
    if (!joined && !added)
        text_buffer_puts(out, " ");
}

static void add_waiting(struct text_buffer *out, const char *piece) {
    text_buffer_format(out, "%s%s", out->n ? " " : "", piece);
}

/* White space that Python strips at a text's ends. */
static bool is_end(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

static char *join(const void *how, const char *waiting) {
    struct text_buffer text = {0};
    const char *joint;
    (void)how;
    for (; (joint = strstr(waiting, JOINT " ")); waiting = joint + strlen(JOINT " "))
        text_buffer_add(&text, waiting, (size_t)(joint - waiting));
    text_buffer_puts(&text, waiting);
    char *all = text_buffer_take(&text), *begin = all;
    while (is_end(*begin))
        begin++;
    size_t n = strlen(begin);
    while (n && is_end(begin[n - 1]))
        n--;
    char *stripped = mem_text_n(begin, n);
    free(all);
    return stripped;
}

static enum err_code decode(const struct tokenizer *t, enum text_side side, const int32_t *ids,
                            size_t n, bool skip_special, char **text, struct err *e) {
    const struct slow_text how = {NULL, add_waiting, join};
    (void)side, (void)e;
    *text = slow_class_decode((const struct pipeline *)t, &how, ids, n, skip_special);
    return ERR_OK;
}

const struct tokenizer_ops tokenizer_lower_words = {
    .files = "vocab.json with merges.txt of BlenderbotSmall",
    .takes_kwargs = true,
    .there = there,
    .open = open_words,
    .free = pipeline_free,
    .encode = pipeline_encode,
    .token = bytes_of,
    .special = pipeline_special,
    .decode = decode};
