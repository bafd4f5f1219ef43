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

/* Takes a language as the one of the side at hand. */
static void speak(struct framing *f, const char *language) {
    const char *format = f->class->language_token, *mark = format ? strstr(format, "%s") : NULL;
    char *token = mem_text(language);
    if (mark && language) {
        free(token);
        token = mem_format("%.*s%s%s", (int)(mark - format), format, language, mark + 2);
    }
    mem_replace(&f->language, token);
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
    if (!text)
        return ERR_OK;
    const int32_t id = vocabulary_find(&f->p->vocabulary, text, strlen(text));
    if (id < 0)
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

enum err_code frame_put(struct pipeline *p, const struct tokenizer_class *class,
                        struct token_settings *s, struct model_config *config, const char *where,
                        struct err *e) {
    struct framing f = {p, class, s, NULL, where};
    const char *own = class->source_language,
               *said = own ? token_settings_text(s, "src_lang", own) : NULL,
               *target = own ? token_settings_text(s, "tgt_lang", NULL) : NULL;
    speak(&f, said ? said : own);
    enum err_code code = put_side(&f, &p->post, e);
    if (code || !own)
        goto out;
    p->sides_differ = true;
    p->target_known = target != NULL;
    if (!target)
        goto out;
    speak(&f, target);
    code = put_side(&f, &p->target, e);
    if (!code && token_settings_said(s, "tgt_lang"))
        begin_with(config, &f);
out:
    free(f.language);
    return code;
}
