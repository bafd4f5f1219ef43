#include "backend/tokenizers/converted.h"

#include "backend/tokenizers/added_list.h"
#include "backend/tokenizers/converted_parts.h"
#include "backend/tokenizers/words.h"

#include <stdio.h>
#include <stdlib.h>

void converted_dispose(struct converted *c) {
    cJSON_Delete(c->root);
    sentencepiece_file_dispose(&c->file);
    vocabulary_dispose(&c->pieces);
    free(c->scores);
    free(c->merges);
    *c = (struct converted){0};
}

const char *special_text(const struct tokenizer_class *class, struct token_settings *s,
                         enum special_role role) {
    const char *own = class_specials_find(class->names)->tokens[role];
    return token_settings_text(s, special_keys[role], *own ? own : NULL);
}

void special_correct_ids(const struct tokenizer_class *class, struct token_settings *s,
                         const struct vocabulary *v, struct model_config *config) {
    const struct {
        enum special_role role;
        int32_t *id;
        bool decides;
    } ids[] = {{ROLE_BOS, &config->bos_token_id, false},
               {ROLE_EOS, &config->eos_token_id, false},
               {ROLE_PAD, &config->pad_token_id, true},
               {ROLE_UNK, &config->unk_token_id, true}};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        const char *text = special_text(class, s, ids[i].role);
        const int32_t id = text ? vocabulary_find(v, text, strlen(text)) : -1;
        if (id >= 0 && (ids[i].decides || *ids[i].id < 0))
            *ids[i].id = id;
    }
}

/* --- added tokens --- */

/* A token that a setting names: an object says how it is found, a text leaves it to the class. */
static void add_special(struct added_list *a, const struct converted *c, const cJSON *said,
                        const char *text, bool mask) {
    const bool normalized = mask ? c->class->mask_normalized : c->class->specials_normalized;
    cJSON *token = added_token_new(0, text, mask, normalized, true);
    bool weak = true;
    if (cJSON_IsObject(said)) {
        static const char *const flags[] = {"single_word", "lstrip", "rstrip", "normalized"};
        for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
            cJSON_ReplaceItemInObjectCaseSensitive(
                token, flags[i], cJSON_CreateBool(tokenizer_json_true(said, flags[i])));
        weak = false;
    }
    added_list_take(a, token, weak);
}

static void add_roles(struct added_list *a, const struct converted *c) {
    for (int role = 0; role < ROLE_COUNT; role++) {
        const char *text = special_text(c->class, c->settings, (enum special_role)role);
        if (text)
            add_special(a, c, tokenizer_json_get(c->settings->config, special_keys[role]), text,
                        role == ROLE_MASK && c->class->adds_mask);
    }
}

static void add_word(void *user, const char *word, float score) {
    (void)score;
    added_list_take(user, added_token_new(0, word, false, false, true), true);
}

static void add_additional(struct added_list *a, const struct converted *c) {
    const cJSON *v;
    cJSON_ArrayForEach(v, tokenizer_json_get(c->settings->config, "additional_special_tokens")) {
        const char *text = cJSON_IsString(v) ? v->valuestring : tokenizer_json_text(v, "content");
        if (*text && cJSON_IsString(v))
            add_word(a, text, 0);
        else if (*text)
            add_special(a, c, v, text, false);
    }
    converted_expand(c, c->class->more, add_word, a);
}

/* Control pieces are special tokens, user-defined ones are found as they stand. */
static void add_of_file(struct added_list *a, const struct converted *c) {
    for (int32_t i = 0; i < c->file.pieces.n; i++) {
        const char *text = vocabulary_piece(&c->file.pieces, i, NULL);
        const int type = c->file.types[i];
        const bool turn = c->class->byte_fallback && (strcmp(text, "<start_of_turn>") == 0 ||
                                                      strcmp(text, "<end_of_turn>") == 0);
        if (type == PIECE_CONTROL || type == PIECE_USER_DEFINED)
            added_list_take(
                a, added_token_new(0, text, false, false, type == PIECE_CONTROL || turn), false);
    }
}

static void add_tokens(struct converted *c) {
    struct added_list a = {0};
    const cJSON *v;
    add_of_file(&a, c);
    cJSON_ArrayForEach(v, c->settings->added) added_list_take(&a, cJSON_Duplicate(v, true), false);
    add_roles(&a, c);
    add_additional(&a, c);
    cJSON_AddItemToObject(c->root, "added_tokens", added_list_json(&a));
}

/* --- the words of a table --- */

static void expand_ids(const char *format, int from, int to, float score, piece_sink *take,
                       void *user) {
    for (int i = from; from < to ? i < to : i > to; i += from < to ? 1 : -1) {
        char *word = mem_format(format, i);
        take(user, word, score);
        free(word);
    }
}

/* "@pad" and its like; false: it is none. */
static bool expand_marked(const struct converted *c, const char *word, piece_sink *take,
                          void *user) {
    const char *sent = token_settings_text(c->settings, "mask_token_sent", "<mask_1>"), *text;
    const int offset = token_settings_integer(c->settings, "offset", 103, 1000);
    if (strcmp(word, "@more") == 0)
        converted_expand(c, c->class->more, take, user);
    else if (strcmp(word, "@extra_ids") == 0)
        expand_ids("<extra_id_%d>",
                   token_settings_integer(c->settings, "extra_ids", 100, 10000) - 1, -1, 0, take,
                   user);
    else if (strcmp(word, "@unks") == 0 && offset > 2)
        expand_ids("<unk_%d>", 2, offset, -100, take, user);
    else if (strcmp(word, "@mask_sent") == 0 && sent)
        take(user, sent, 0);
    else if (strcmp(word, "@mask") == 0 && sent && offset > 3 &&
             (text = special_text(c->class, c->settings, ROLE_MASK)))
        take(user, text, 0);
    for (int role = 0; role < ROLE_COUNT && role != ROLE_MASK; role++) {
        char *name = mem_format("@%.3s", special_keys[role]);
        text = strcmp(name, word) == 0
                   ? special_text(c->class, c->settings, (enum special_role)role)
                   : NULL;
        if (text)
            take(user, text, 0);
        free(name);
    }
    return *word == '@';
}

void converted_expand(const struct converted *c, const char *words, piece_sink *take, void *user) {
    const char *word;
    size_t n;
    while ((word = next_word(&words, &n))) {
        char *copy = mem_text_n(word, n);
        if (!expand_marked(c, copy, take, user))
            take(user, copy, 0);
        free(copy);
    }
}

void converted_finish(struct converted *c) {
    const struct tokenizer_class *k = c->class;
    if (k->normalizer)
        cJSON_AddItemToObject(c->root, "normalizer", k->normalizer(c->settings));
    if (k->pre_tokenizer)
        cJSON_AddItemToObject(c->root, "pre_tokenizer", k->pre_tokenizer(c->settings));
    if (k->decoder)
        cJSON_AddItemToObject(c->root, "decoder", k->decoder(c->settings));
    add_tokens(c);
}
