/*
 * Tokenizers of classes that cut a text by Moses' rules and then by merges: BioGPT, and FSMT
 * with a vocabulary and a language on either side. Reference: transformers 4.57,
 * models/biogpt/tokenization_biogpt.py, models/fsmt/tokenization_fsmt.py, tokenization_utils.py.
 */
#include "backend/tokenizers/converted.h"
#include "backend/tokenizers/frame.h"
#include "backend/tokenizers/moses.h"
#include "backend/tokenizers/slow_class.h"
#include "backend/tokenizers/slow_merges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- words: the one pre-tokenizer --- */

struct cutter {
    struct stage base;
    struct moses rules;
};

static void write_words(const void *how, const struct aligned *in, const struct span *span,
                        struct aligned *out) {
    struct aligned text = {0};
    aligned_copy(&text, in, span->from, span->to);
    moses_cut(how, &text);
    aligned_copy(out, &text, 0, text.n);
    aligned_dispose(&text);
}

static enum err_code cut(const struct stage *s, struct spans *spans, struct err *e) {
    static const struct character_class white = {moses_is_white};
    spans_rewrite(spans, write_words, &((const struct cutter *)s)->rules);
    return spans_split(spans, spans_cut_class, &white, SPLIT_REMOVED, false, e);
}

static void free_cutter(struct stage *s) {
    moses_dispose(&((struct cutter *)s)->rules);
}

static const struct stage_ops cutter_ops = {.type = "Moses", .cut = cut, .free = free_cutter};

static const struct moses *rules_of(const struct pipeline *p) {
    return &((const struct cutter *)p->pre_tokenizers.items[0])->rules;
}

/* --- files --- */

/* Appends a sentence. */
static void note(struct model_config *config, const char *sentence) {
    const size_t used = strlen(config->notice);
    snprintf(config->notice + used, sizeof config->notice - used, "%s%s", used ? ". " : "",
             sentence);
}

/* Moses' whole list is not there. */
static void note_prefixes(const struct moses *m, struct model_config *config) {
    char *sentence =
        m->own_prefixes
            ? mem_format("Which full stops belong to abbreviations is told by a short list; put "
                         "Moses' nonbreaking_prefix.%s beside the tokenizer for all of them",
                         m->language)
            : NULL;
    if (sentence)
        note(config, sentence);
    free(sentence);
}

/* What one vocabulary is opened from. */
struct side {
    const struct model_files *files;
    const char *vocabulary, *language;
    const struct tokenizer_class *class;
    struct token_settings *settings;
};

static enum err_code add_cutter(struct pipeline *p, const struct side *x, struct err *e) {
    struct stage *s = stage_new(&cutter_ops, sizeof(struct cutter));
    struct moses *rules = &((struct cutter *)s)->rules;
    stages_take(&p->pre_tokenizers, s);
    const enum err_code code = moses_open(rules, x->language, x->files->folder, e);
    rules->normalizes = x->class->two_vocabularies;
    return code;
}

static const struct slow_style plain = {0};

static enum err_code fill(struct pipeline *p, const struct side *x, struct model_config *config,
                          struct err *e) {
    enum err_code code = vocabulary_read_file(&p->vocabulary, x->vocabulary, e);
    if (code)
        return code;
    pipeline_own(p);
    code = slow_merges_open(&p->model, &p->vocabulary, p->own, x->files->merges, &plain, e);
    if (code)
        return code;
    code = add_cutter(p, x, e);
    if (code)
        return code;
    code = slow_class_add_tokens(p, x->class, x->settings, e);
    if (code)
        return code;
    special_correct_ids(x->class, x->settings, &p->vocabulary, config);
    slow_merges_finish(p->model, config->unk_token_id);
    code = pipeline_finish(p, x->vocabulary, e);
    if (code)
        return code;
    p->clean_up_spaces = token_settings_flag(x->settings, "clean_up_tokenization_spaces", false);
    note_prefixes(rules_of(p), config);
    return frame_put(p, x->class, x->settings, config, x->vocabulary, e);
}

static enum err_code open_side(struct tokenizer **out, const struct side *x,
                               struct model_config *config, struct err *e) {
    struct pipeline *p = pipeline_new(&tokenizer_moses);
    return pipeline_hand_out(out, p, fill(p, x, config, e));
}

/* --- two vocabularies --- */

static enum err_code read_languages(const char *out[2], struct token_settings *s, struct err *e) {
    const cJSON *list = tokenizer_json_get(s->config, "langs");
    for (int i = 0; i < 2; i++)
        out[i] = cJSON_GetStringValue(cJSON_GetArrayItem(list, i));
    if (cJSON_GetArraySize(list) != 2 || !out[0] || !out[1])
        return err_set(e, ERR_FORMAT, "%s: langs is not the two languages of the tokenizer",
                       s->path);
    if (token_settings_flag(s, "do_lower_case", false))
        return err_set(e, ERR_UNSUPPORTED, "%s: do_lower_case is not followed here", s->path);
    return ERR_OK;
}

static int32_t find(const struct tokenizer *t, const char *text) {
    return vocabulary_find(t->vocabulary, text, strlen(text));
}

/* A special token has one id, for the model has. */
static enum err_code check_specials(const struct tokenizer *t, const struct side *x,
                                    struct err *e) {
    for (int role = 0; role < ROLE_COUNT; role++) {
        const char *text = special_text(x->class, x->settings, (enum special_role)role);
        if (text && find(t, text) != find(t->target, text))
            return err_set(e, ERR_UNSUPPORTED,
                           "%s: the two vocabularies number \"%.40s\" differently",
                           x->files->folder, text);
    }
    return ERR_OK;
}

static enum err_code open_target(struct tokenizer *t, const struct side *source,
                                 const char *language, struct model_config *config, struct err *e) {
    struct side x = *source;
    x.vocabulary = x.files->vocab_target;
    x.language = language;
    note(config, "Texts of the target are cut by its own language and vocabulary, where "
                 "Transformers takes the source's");
    enum err_code code = open_side(&t->target, &x, config, e);
    return code ? code : check_specials(t, &x, e);
}

static enum err_code open_two(struct tokenizer **out, struct side *x, struct model_config *config,
                              struct err *e) {
    const char *languages[2];
    enum err_code code = read_languages(languages, x->settings, e);
    if (code)
        return code;
    x->vocabulary = x->files->vocab_source;
    x->language = languages[0];
    code = open_side(out, x, config, e);
    return code ? code : open_target(*out, x, languages[1], config, e);
}

/* --- the kind --- */

static void free_moses(struct tokenizer *t) {
    if (t->target)
        pipeline_free(t->target);
    pipeline_free(t);
}

static enum err_code open_moses(struct tokenizer **out, const struct model_files *f,
                                const struct weights *w, struct model_config *config,
                                struct err *e) {
    struct token_settings s;
    (void)w;
    *out = NULL;
    enum err_code code = token_settings_read(&s, f, e);
    if (code)
        goto out;
    struct side x = {f, f->vocab_json, "en", slow_class_find(tokenizer_class_named(&s), FROM_WORDS),
                     &s};
    code = x.class->two_vocabularies ? open_two(out, &x, config, e) : open_side(out, &x, config, e);
    if (code)
        goto out;
    code = token_settings_check(&s, e);
out:
    token_settings_dispose(&s);
    if (code && *out)
        free_moses(*out);
    if (code)
        *out = NULL;
    return code;
}

/* Whether the files of a class are there. */
static bool has_files(const struct tokenizer_class *class, const struct model_files *f) {
    if (class->two_vocabularies)
        return path_given(f->vocab_source) && path_given(f->vocab_target);
    return path_given(f->vocab_json);
}

static bool there(const struct model_files *f, const struct weights *w, const char *class) {
    const struct tokenizer_class *known = slow_class_find(class, FROM_WORDS);
    (void)w;
    return path_given(f->merges) && known && has_files(known, f);
}

/* --- ids to text --- */

/* Appends a piece; where a word ends, a space. */
static void add_piece(struct text_buffer *out, const char *piece) {
    const char *end;
    for (; (end = strstr(piece, WORD_END)); piece = end + strlen(WORD_END)) {
        text_buffer_add(out, piece, (size_t)(end - piece));
        text_buffer_puts(out, " ");
    }
    text_buffer_puts(out, piece);
}

static void bytes_of(const struct tokenizer *t, int32_t id, struct text_buffer *out) {
    size_t n;
    const char *piece = vocabulary_piece(t->vocabulary, id, &n);
    if (added_tokens_kind(&((const struct pipeline *)t)->added, id))
        text_buffer_add(out, piece, n);
    else
        add_piece(out, piece);
}

/* Spaces in a piece are none of a text's. */
static void add_waiting(struct text_buffer *out, const char *piece) {
    struct text_buffer plain = {0};
    for (; *piece; piece++)
        if (*piece != ' ')
            text_buffer_add(&plain, piece, 1);
    add_piece(out, plain.text ? plain.text : "");
    text_buffer_dispose(&plain);
}

static char *join(const void *how, const char *waiting) {
    return moses_join(how, waiting);
}

static enum err_code decode(const struct tokenizer *t, enum text_side side, const int32_t *ids,
                            size_t n, bool skip_special, char **text, struct err *e) {
    const struct pipeline *p = (const struct pipeline *)t;
    const struct slow_text how = {rules_of(p), add_waiting, join};
    (void)side, (void)e;
    *text = slow_class_decode(p, &how, ids, n, skip_special);
    return ERR_OK;
}

const struct tokenizer_ops tokenizer_moses = {
    .files = "vocab-src.json and vocab-tgt.json with merges.txt",
    .takes_kwargs = true,
    .there = there,
    .open = open_moses,
    .free = free_moses,
    .encode = pipeline_encode,
    .token = bytes_of,
    .special = pipeline_special,
    .decode = decode};
