/*
 * Tokenizers of classes that cut a text by Moses' rules and then by merges: BioGPT. Reference:
 * transformers 4.57, models/biogpt/tokenization_biogpt.py and tokenization_utils.py.
 */
#include "backend/tokenizers/clean_up.h"
#include "backend/tokenizers/converted.h"
#include "backend/tokenizers/frame.h"
#include "backend/tokenizers/moses.h"
#include "backend/tokenizers/slow_class.h"
#include "backend/tokenizers/slow_merges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_END "</w>"

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

static enum err_code add_cutter(struct pipeline *p, const char *language, const char *folder,
                                struct err *e) {
    struct stage *s = stage_new(&cutter_ops, sizeof(struct cutter));
    stages_take(&p->pre_tokenizers, s);
    return moses_open(&((struct cutter *)s)->rules, language, folder, e);
}

/* --- files --- */

/* Moses' whole list is not there. */
static void note_prefixes(const struct moses *m, struct model_config *config) {
    const size_t used = strlen(config->notice);
    if (m->own_prefixes && used < sizeof config->notice)
        snprintf(config->notice + used, sizeof config->notice - used,
                 "%sWhich full stops belong to abbreviations is told by a short list; put Moses' "
                 "nonbreaking_prefix.%s beside the tokenizer for all of them",
                 used ? ". " : "", m->language);
}

static enum err_code read_all(struct pipeline *p, const struct model_files *f,
                              const struct tokenizer_class *class, struct token_settings *s,
                              struct model_config *config, struct err *e) {
    enum err_code code = vocabulary_read_file(&p->vocabulary, f->vocab_json, e);
    if (code)
        return code;
    pipeline_own(p);
    code = slow_merges_open(&p->model, &p->vocabulary, p->own, f->merges, WORD_END, e);
    if (code)
        return code;
    code = add_cutter(p, "en", f->folder, e);
    if (code)
        return code;
    code = slow_class_add_tokens(p, class, s, e);
    if (code)
        return code;
    special_correct_ids(class, s, &p->vocabulary, config);
    slow_merges_finish(p->model, config->unk_token_id);
    code = pipeline_finish(p, f->vocab_json, e);
    if (code)
        return code;
    code = frame_put(p, class, s, config, f->vocab_json, e);
    if (code)
        return code;
    p->clean_up_spaces = token_settings_flag(s, "clean_up_tokenization_spaces", false);
    note_prefixes(rules_of(p), config);
    return token_settings_check(s, e);
}

static enum err_code open_moses(struct tokenizer **out, const struct model_files *f,
                                const struct weights *w, struct model_config *config,
                                struct err *e) {
    struct pipeline *p = pipeline_new(&tokenizer_moses);
    struct token_settings s;
    (void)w;
    enum err_code code = token_settings_read(&s, f, e);
    if (!code)
        code = read_all(p, f, slow_class_of(&s, FROM_WORDS), &s, config, e);
    token_settings_dispose(&s);
    return pipeline_hand_out(out, p, code);
}

static bool there(const struct model_files *f, const struct weights *w) {
    struct token_settings s;
    struct err ignored; /* what is wrong with the files is told when they are used */
    (void)w;
    if (!path_given(f->vocab_json) || !path_given(f->merges))
        return false;
    const bool named = !token_settings_read(&s, f, &ignored) && slow_class_of(&s, FROM_WORDS);
    token_settings_dispose(&s);
    return named;
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

/* Appends the text of the pieces that wait, and a space before it; none wait afterwards. */
static void flush(const struct moses *m, struct text_buffer *waiting, struct text_buffer *out) {
    char *text = moses_join(m, waiting->text ? waiting->text : "");
    if (*text && out->n)
        text_buffer_puts(out, " ");
    text_buffer_puts(out, text);
    free(text);
    text_buffer_dispose(waiting);
}

static enum err_code decode(const struct tokenizer *t, enum text_side side, const int32_t *ids,
                            size_t n, bool skip_special, char **text, struct err *e) {
    const struct pipeline *p = (const struct pipeline *)t;
    struct text_buffer waiting = {0}, out = {0};
    (void)side, (void)e;
    for (size_t i = 0; i < n; i++) {
        const char *piece = vocabulary_piece(t->vocabulary, ids[i], NULL);
        const unsigned kind = added_tokens_kind(&p->added, ids[i]);
        if (skip_special && (kind & ADDED_SPECIAL))
            continue;
        if (!kind || (kind & ADDED_SPECIAL)) {
            add_waiting(&waiting, piece);
            continue;
        }
        flush(rules_of(p), &waiting, &out);
        if (out.n)
            text_buffer_puts(&out, " ");
        text_buffer_puts(&out, piece);
    }
    flush(rules_of(p), &waiting, &out);
    *text = text_buffer_take(&out);
    if (p->clean_up_spaces)
        mem_replace(text, clean_up_text(*text));
    return ERR_OK;
}

const struct tokenizer_ops tokenizer_moses = {.files = "vocab.json with merges.txt of BioGPT",
                                              .takes_kwargs = true,
                                              .there = there,
                                              .open = open_moses,
                                              .free = pipeline_free,
                                              .encode = pipeline_encode,
                                              .token = bytes_of,
                                              .special = pipeline_special,
                                              .decode = decode};
