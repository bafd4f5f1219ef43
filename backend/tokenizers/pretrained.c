#include "backend/tokenizers/pretrained.h"

#include "backend/base/text.h"
#include "backend/tokenizers/class_specials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err_code read_if_there(cJSON **out, const char *path, struct err *e) {
    *out = NULL;
    return path_given(path) ? tokenizer_json_read(out, path, e) : ERR_OK;
}

static enum err_code take_kwargs(struct pretrained *s, const char *kwargs, struct err *e) {
    cJSON *said;
    if (!path_given(kwargs))
        return ERR_OK;
    enum err_code code = tokenizer_json_parse(&said, kwargs, "--tokenizer_kwargs", e);
    if (code)
        return code;
    if (!s->config)
        s->config = cJSON_CreateObject();
    tokenizer_json_overwrite(s->config, said);
    cJSON_Delete(said);
    return ERR_OK;
}

enum err_code pretrained_open(struct pretrained *out, const struct model_files *f,
                              const struct model_config *config, struct err *e) {
    *out = (struct pretrained){.path = f->tokenizer_config};
    enum err_code code = read_if_there(&out->config, f->tokenizer_config, e);
    if (code)
        return code;
    code = read_if_there(&out->map, f->special_tokens_map, e);
    if (code)
        return code;
    code = take_kwargs(out, f->tokenizer_kwargs, e);
    if (code)
        return code;
    const char *said = tokenizer_json_text(out->config, "tokenizer_class"),
               *class = *said ? said : config->tokenizer_class;
    const size_t n = strlen(class) - (text_ends_with(class, "Fast") ? 4 : 0);
    snprintf(out->tokenizer_class, sizeof out->tokenizer_class, "%.*s", (int)n, class);
    return ERR_OK;
}

void pretrained_dispose(struct pretrained *s) {
    cJSON_Delete(s->config);
    cJSON_Delete(s->map);
    *s = (struct pretrained){0};
}

/* --- stages --- */

/* ByteLevel puts a space in front where tokenizer_config.json says so; what tokenizer.json says
 * counts inside a Sequence alone. */
static void change_prefix_space(const struct pretrained *s, cJSON *pre) {
    const cJSON *said = tokenizer_json_get(s->config, "add_prefix_space");
    if (strcmp(tokenizer_json_text(pre, "type"), "ByteLevel") != 0 || cJSON_IsNull(said))
        return;
    cJSON_DeleteItemFromObjectCaseSensitive(pre, "add_prefix_space");
    cJSON_AddBoolToObject(pre, "add_prefix_space", cJSON_IsTrue(said));
}

/* BertTokenizerFast's settings where they are said. */
static void change_bert(const struct pretrained *s, cJSON *normalizer) {
    static const char *const names[][2] = {{"do_lower_case", "lowercase"},
                                           {"strip_accents", "strip_accents"},
                                           {"tokenize_chinese_chars", "handle_chinese_chars"}};
    if (strcmp(tokenizer_json_text(normalizer, "type"), "BertNormalizer") != 0)
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const cJSON *said = tokenizer_json_get(s->config, names[i][0]);
        if (!cJSON_IsBool(said))
            continue;
        cJSON_DeleteItemFromObjectCaseSensitive(normalizer, names[i][1]);
        cJSON_AddBoolToObject(normalizer, names[i][1], cJSON_IsTrue(said));
    }
}

void pretrained_change_stages(const struct pretrained *s, cJSON *tokenizer) {
    change_prefix_space(s, cJSON_GetObjectItemCaseSensitive(tokenizer, "pre_tokenizer"));
    change_bert(s, cJSON_GetObjectItemCaseSensitive(tokenizer, "normalizer"));
}

/* --- tokens --- */

enum err_code pretrained_add_token(struct pipeline *p, const cJSON *json, const char *where,
                                   struct err *e) {
    const char *content;
    struct added_token t = {0};
    enum err_code code = tokenizer_json_string(&content, json, "content", where, e);
    if (code)
        return code;
    code = tokenizer_json_flag(&t.special, json, "special", false, where, e);
    if (code)
        return code;
    const struct {
        const char *key;
        bool *flag, fallback;
    } flags[] = {{"lstrip", &t.lstrip, false},
                 {"rstrip", &t.rstrip, false},
                 {"single_word", &t.single_word, false},
                 {"normalized", &t.normalized, !t.special}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        code = tokenizer_json_flag(flags[i].flag, json, flags[i].key, flags[i].fallback, where, e);
        if (code)
            return code;
    }
    t.text = mem_text(content);
    code = pipeline_add_token(p, &t, where, e);
    free(t.text);
    return code;
}

static enum err_code add_decoder_tokens(const struct pretrained *s, struct pipeline *p,
                                        struct err *e) {
    const cJSON *list = tokenizer_json_get(s->config, "added_tokens_decoder"), *item;
    cJSON_ArrayForEach(item, list) {
        char *where = mem_format("%s: added_tokens_decoder[\"%.12s\"]", s->path, item->string);
        enum err_code code = pretrained_add_token(p, item, where, e);
        free(where);
        if (code)
            return code;
    }
    return ERR_OK;
}

/* A special token's text: as it is, or the content of an object; "": there is none. */
static const char *text_of(const cJSON *v) {
    return cJSON_IsString(v) ? v->valuestring : tokenizer_json_text(v, "content");
}

/* `v`: as the files write it, or NULL. */
static enum err_code add_special(const struct pretrained *s, struct pipeline *p, const char *text,
                                 const cJSON *v, struct err *e) {
    if (!*text || pipeline_has_added(p, text))
        return ERR_OK;
    struct added_token t = {.text = mem_text(text), .special = true};
    t.lstrip = tokenizer_json_true(v, "lstrip");
    t.rstrip = tokenizer_json_true(v, "rstrip");
    t.single_word = tokenizer_json_true(v, "single_word");
    t.normalized = tokenizer_json_true(v, "normalized");
    enum err_code code = pipeline_add_token(p, &t, s->path, e);
    free(t.text);
    return code;
}

/* Of a class without a fast one nothing is known here. */
static const struct class_specials *find_class(const struct pretrained *s) {
    const struct class_specials *class = class_specials_find(s->tokenizer_class);
    return class->rule == NO_FAST ? class_specials_find("") : class;
}

/* The files' word about a token; tokenizer_config.json's comes first. NULL: they have none. */
static const cJSON *said_of(const struct pretrained *s, const char *name) {
    const cJSON *v = tokenizer_json_get(s->config, name);
    return v ? v : tokenizer_json_get(s->map, name);
}

/* A special token's text by the files or the class; "": there is none. */
static const char *special_of(const struct pretrained *s, int which) {
    const cJSON *said = said_of(s, special_keys[which]);
    return said ? text_of(said) : find_class(s)->tokens[which];
}

/* T5's class has 100 more where no file names any. */
static enum err_code add_extra_ids(const struct pretrained *s, struct pipeline *p, struct err *e) {
    const cJSON *list = said_of(s, "additional_special_tokens"), *item;
    int64_t n;
    if (strcmp(s->tokenizer_class, "T5Tokenizer") != 0)
        return ERR_OK;
    enum err_code code = tokenizer_json_count(&n, s->config, "extra_ids", 100, 10000, s->path, e);
    if (code)
        return code;
    cJSON_ArrayForEach(item, list) if (strstr(text_of(item), "<extra_id_")) return ERR_OK;
    for (int i = 0; i < n && !code; i++) {
        char *name = mem_format("<extra_id_%d>", i);
        code = add_special(s, p, name, NULL, e);
        free(name);
    }
    return code;
}

static enum err_code add_special_tokens(const struct pretrained *s, struct pipeline *p,
                                        struct err *e) {
    const cJSON *item;
    enum err_code code = ERR_OK;
    for (int i = 0; i < ROLE_COUNT; i++) {
        code = add_special(s, p, special_of(s, i), said_of(s, special_keys[i]), e);
        if (code)
            return code;
    }
    cJSON_ArrayForEach(item, said_of(s, "additional_special_tokens")) {
        code = add_special(s, p, text_of(item), item, e);
        if (code)
            return code;
    }
    return add_extra_ids(s, p, e);
}

/* --- what stands around a text --- */

static int32_t id_of(const struct vocabulary *v, const char *piece) {
    return *piece ? vocabulary_find(v, piece, strlen(piece)) : -1;
}

bool pretrained_rules(const struct pretrained *s) {
    return find_class(s)->rule != AS_FILE;
}

/* *id: of a special token that is put where the flag says; −1: it is not. */
static enum err_code find_around(const struct pretrained *s, const struct pipeline *p,
                                 const char *flag, bool fallback, int which, int32_t *id,
                                 struct err *e) {
    bool add;
    const char *text = special_of(s, which);
    *id = -1;
    enum err_code code = tokenizer_json_flag(&add, s->config, flag, fallback, s->path, e);
    if (code || !add)
        return code;
    *id = id_of(&p->vocabulary, text);
    if (*id >= 0)
        return ERR_OK;
    return err_set(e, ERR_FORMAT, "%s: %s is true, but %s \"%.40s\" is not in the vocabulary",
                   s->path, flag, special_keys[which], text);
}

/* Classes whose own rule takes the place of tokenizer.json's. */
static enum err_code put_class(const struct pretrained *s, struct pipeline *p, struct err *e) {
    const enum class_rule around = find_class(s)->rule;
    int32_t bos, eos;
    if (around == AS_FILE)
        return ERR_OK;
    enum err_code code = find_around(s, p, "add_bos_token", around == ADDS_BOS, ROLE_BOS, &bos, e);
    if (code)
        return code;
    code = find_around(s, p, "add_eos_token", false, ROLE_EOS, &eos, e);
    if (code)
        return code;
    post_processor_dispose(&p->post);
    if (bos >= 0)
        post_processor_put_before(&p->post, bos);
    if (eos >= 0)
        post_processor_put_after(&p->post, eos);
    return ERR_OK;
}

enum err_code pretrained_apply(const struct pretrained *s, struct pipeline *p, struct err *e) {
    enum err_code code = add_decoder_tokens(s, p, e);
    if (code)
        return code;
    code = add_special_tokens(s, p, e);
    if (code)
        return code;
    code = tokenizer_json_flag(&p->clean_up_spaces, s->config, "clean_up_tokenization_spaces",
                               false, s->path, e);
    if (code)
        return code;
    code = tokenizer_json_flag(&p->added.splits_special, s->config, "split_special_tokens", false,
                               s->path, e);
    if (code)
        return code;
    return put_class(s, p, e);
}

/* The tokenizer's own word decides pad and unk; bos and eos are the model's where it names them. */
void pretrained_correct_ids(const struct pretrained *s, const struct vocabulary *v,
                            struct model_config *config) {
    const struct {
        const char *key;
        int32_t *id;
        bool decides;
    } table[] = {{"bos_token", &config->bos_token_id, false},
                 {"eos_token", &config->eos_token_id, false},
                 {"pad_token", &config->pad_token_id, true},
                 {"unk_token", &config->unk_token_id, true}};
    const cJSON *files[] = {s->config, s->map};
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
            const int32_t id = id_of(v, text_of(tokenizer_json_get(files[k], table[i].key)));
            if (id >= 0 && (*table[i].id < 0 || table[i].decides))
                *table[i].id = id;
        }
}
