#include "backend/tokenizers/frame.h"

#include "backend/tokenizers/converted.h"
#include "backend/tokenizers/words.h"

#include <stdio.h>
#include <stdlib.h>

struct framing {
    struct pipeline *p;
    const struct tokenizer_class *class;
    struct token_settings *s;
    char *language; /* the token of the side at hand; NULL: not known */
    const char *where;
};

/* The token of a language, owned by the caller. */
static char *token_of(const char *format, const char *language, size_t n) {
    const char *mark = format ? strstr(format, "%s") : NULL;
    if (!mark)
        return mem_text_n(language, n);
    return mem_format("%.*s%.*s%s", (int)(mark - format), format, (int)n, language, mark + 2);
}

static int32_t id_of(const struct vocabulary *v, const char *format, const char *language,
                     size_t n) {
    char *token = token_of(format, language, n);
    const int32_t id = vocabulary_find(v, token, strlen(token));
    free(token);
    return id;
}

/* Takes a language as the one of the side at hand. */
static void speak(struct framing *f, const char *language) {
    mem_replace(&f->language,
                language ? token_of(f->class->language_token, language, strlen(language)) : NULL);
}

/* What a word of a frame stands for; NULL: nothing. */
static const char *text_of(const struct framing *f, const char *word) {
    static const struct {
        const char *word;
        enum special_role role;
        const char *flag; /* that must be set */
        bool otherwise;
    } roles[] = {{"bos+", ROLE_BOS, "add_bos_token", true},
                 {"bos-", ROLE_BOS, "add_bos_token", false},
                 {"eos-", ROLE_EOS, "add_eos_token", false},
                 {"eos", ROLE_EOS, NULL, true},
                 {"cls", ROLE_CLS, NULL, true},
                 {"sep", ROLE_SEP, NULL, true}};
    if (strcmp(word, "src") == 0)
        return f->language;
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        if (strcmp(word, roles[i].word) != 0)
            continue;
        const bool put =
            !roles[i].flag || token_settings_flag(f->s, roles[i].flag, roles[i].otherwise);
        return put ? special_text(f->class, f->s, roles[i].role) : NULL;
    }
    return word;
}

static enum err_code put_word(const struct framing *f, struct post_processor *to, const char *word,
                              bool behind, size_t *n_before, struct err *e) {
    const char *text = text_of(f, word);
    const bool unknown = !text && strcmp(word, "src") == 0; /* −1 stands for it */
    if (!text && !unknown)
        return ERR_OK;
    const int32_t id = unknown ? -1 : vocabulary_find(&f->p->vocabulary, text, strlen(text));
    if (id < 0 && !unknown)
        return err_set(e, ERR_FORMAT, "%s: there is no token \"%.40s\", which texts get", f->where,
                       text);
    if (behind)
        post_processor_put_after(to, id);
    else
        post_processor_put_before_text(to, (*n_before)++, id);
    return ERR_OK;
}

static enum err_code put_side(const struct framing *f, struct post_processor *to, struct err *e) {
    const char *rest = f->class->frame, *word;
    bool behind = false;
    size_t n, n_before = 0;
    enum err_code code = ERR_OK;
    post_processor_dispose(to);
    while (!code && (word = next_word(&rest, &n))) {
        char *copy = mem_text_n(word, n);
        if (strcmp(copy, "$") == 0)
            behind = true;
        else
            code = put_word(f, to, copy, behind, &n_before, e);
        free(copy);
    }
    return code;
}

/* As the translation pipelines do: the decoder's first token is the language, where that stands in
 * front of its texts. */
static void begin_with(struct model_config *config, const struct framing *f) {
    const bool in_front = strncmp(f->class->frame, "src ", 4) == 0;
    const int32_t id = vocabulary_find(&f->p->vocabulary, f->language, strlen(f->language));
    if (!in_front || !config->encoder_decoder || config->generation.forced_bos_token_id >= 0)
        return;
    config->generation.forced_bos_token_id = id;
    const size_t used = strlen(config->notice);
    snprintf(config->notice + used, sizeof config->notice - used,
             "%sgeneration begins with the target's language, %.20s (forced_bos_token_id)",
             used ? "; " : "", f->language);
}

/* --- languages --- */

static char *names_there(const struct framing *f) {
    const char *rest = languages_of(f->class, f->s), *word;
    struct text_buffer names = {0};
    size_t n;
    while ((word = next_word(&rest, &n)))
        if (id_of(&f->p->vocabulary, f->class->language_token, word, n) >= 0)
            text_buffer_format(&names, "%s%.*s", names.n ? " " : "", (int)n, word);
    return text_buffer_take(&names);
}

static void keep_languages(const struct framing *f, const char *source, const char *target) {
    const char *format = f->class->language_token, *sides[] = {source, target};
    struct tokenizer_languages *l = mem_alloc(sizeof *l);
    *l = (struct tokenizer_languages){.names = names_there(f),
                                      .format = format,
                                      .in_front = strncmp(f->class->frame, "src ", 4) == 0};
    for (int i = 0; i < 2; i++) {
        l->own[i] = mem_text(sides[i]);
        l->ids[i] = sides[i] ? id_of(&f->p->vocabulary, format, sides[i], strlen(sides[i])) : -1;
    }
    f->p->base.languages = l;
}

static enum err_code find_ids(int32_t ids[2], const struct tokenizer *t,
                              const char *const languages[2], struct err *e) {
    const struct tokenizer_languages *l = t->languages;
    for (int i = 0; i < 2; i++) {
        const char *name = languages[i] ? languages[i] : l->own[i];
        ids[i] = name ? id_of(t->vocabulary, l->format, name, strlen(name)) : -1;
        if (name && ids[i] < 0)
            return err_set(e, ERR_USAGE, "the tokenizer has no language \"%.40s\"", name);
    }
    return ERR_OK;
}

enum err_code frame_speak(struct tokenizer *t, const char *const languages[2], struct err *e) {
    struct pipeline *p = (struct pipeline *)t;
    int32_t *now = t->languages->ids, ids[2];
    enum err_code code = find_ids(ids, t, languages, e);
    if (code)
        return code;
    post_processor_exchange(&p->post, now[TEXT_SOURCE], ids[TEXT_SOURCE]);
    post_processor_exchange(&p->target, now[TEXT_TARGET], ids[TEXT_TARGET]);
    p->target_known = ids[TEXT_TARGET] >= 0;
    memcpy(now, ids, sizeof ids);
    return ERR_OK;
}

enum err_code frame_put(struct pipeline *p, const struct tokenizer_class *class,
                        struct token_settings *s, struct model_config *config, const char *where,
                        struct err *e) {
    struct framing f = {p, class, s, NULL, where};
    const char *own = class->source_language,
               *said = own ? token_settings_text(s, "src_lang", own) : NULL,
               *target = own ? token_settings_text(s, "tgt_lang", NULL) : NULL;
    said = said ? said : own;
    speak(&f, said);
    enum err_code code = put_side(&f, &p->post, e);
    if (code || !own)
        goto out;
    p->sides_differ = true;
    p->target_known = target != NULL;
    keep_languages(&f, said, target);
    speak(&f, target);
    code = put_side(&f, &p->target, e);
    if (!code && target && token_settings_said(s, "tgt_lang"))
        begin_with(config, &f);
out:
    free(f.language);
    return code;
}
