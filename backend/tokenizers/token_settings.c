#include "backend/tokenizers/token_settings.h"

#include "backend/base/mem.h"
#include "backend/tokenizers/class_specials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err_code read_object(cJSON **out, const char *path, struct err *e) {
    *out = NULL;
    if (!path || !*path)
        return ERR_OK;
    enum err_code code = tokenizer_json_read(out, path, e);
    if (code)
        return code;
    return cJSON_IsObject(*out) ? ERR_OK : err_set(e, ERR_FORMAT, "%s is not a JSON object", path);
}

cJSON *added_token_new(int32_t id, const char *content, bool lstrip, bool normalized,
                       bool special) {
    cJSON *token = cJSON_CreateObject();
    cJSON_AddNumberToObject(token, "id", id);
    cJSON_AddStringToObject(token, "content", content);
    cJSON_AddBoolToObject(token, "single_word", false);
    cJSON_AddBoolToObject(token, "lstrip", lstrip);
    cJSON_AddBoolToObject(token, "rstrip", false);
    cJSON_AddBoolToObject(token, "normalized", normalized);
    cJSON_AddBoolToObject(token, "special", special);
    return token;
}

static enum err_code wrong_added(const struct token_settings *s, const char *which, struct err *e) {
    return err_set(e, ERR_FORMAT, "%s: the added token \"%.40s\" lacks its id or content", s->path,
                   which);
}

/* added_tokens_decoder: tokens by id. */
static enum err_code take_decoder(struct token_settings *s, const cJSON *decoder, struct err *e) {
    static const char *const flags[] = {"single_word", "lstrip", "rstrip", "normalized", "special"};
    const cJSON *v;
    cJSON_ArrayForEach(v, decoder) {
        char *end;
        const long id = strtol(v->string, &end, 10);
        const char *content = tokenizer_json_text(v, "content");
        if (end == v->string || *end || id < 0 || id >= INT32_MAX || !*content)
            return wrong_added(s, v->string, e);
        cJSON *token = added_token_new((int32_t)id, content, false, false, false);
        for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
            cJSON_ReplaceItemInObjectCaseSensitive(
                token, flags[i], cJSON_CreateBool(tokenizer_json_true(v, flags[i])));
        cJSON_AddItemToArray(s->added, token);
    }
    return ERR_OK;
}

static const char *content_of(const cJSON *v) {
    return cJSON_IsString(v) ? v->valuestring : tokenizer_json_text(v, "content");
}

/* Whether a text is one of the tokens that the settings call special. */
static bool is_named_special(const struct token_settings *s, const char *text) {
    const cJSON *v;
    for (int role = 0; role < ROLE_COUNT; role++)
        if (strcmp(content_of(tokenizer_json_get(s->config, special_keys[role])), text) == 0)
            return true;
    cJSON_ArrayForEach(v, tokenizer_json_get(s->config, "additional_special_tokens")) {
        if (strcmp(content_of(v), text) == 0)
            return true;
    }
    return false;
}

/* added_tokens.json: ids by content. */
static enum err_code take_older(struct token_settings *s, const cJSON *ids, struct err *e) {
    const cJSON *v;
    cJSON_ArrayForEach(v, ids) {
        if (!cJSON_IsNumber(v) || !(v->valuedouble >= 0 && v->valuedouble < INT32_MAX))
            return wrong_added(s, v->string, e);
        const bool special = is_named_special(s, v->string);
        cJSON_AddItemToArray(s->added, added_token_new((int32_t)v->valuedouble, v->string, false,
                                                       !special, special));
    }
    return ERR_OK;
}

static int by_id(const void *a, const void *b) {
    const double x = tokenizer_json_get(*(cJSON *const *)a, "id")->valuedouble,
                 y = tokenizer_json_get(*(cJSON *const *)b, "id")->valuedouble;
    return (x > y) - (x < y);
}

static void sort_added(struct token_settings *s) {
    const size_t n = (size_t)cJSON_GetArraySize(s->added);
    cJSON **all = mem_alloc((n + 1) * sizeof *all);
    for (size_t i = 0; i < n; i++)
        all[i] = cJSON_DetachItemFromArray(s->added, 0);
    qsort(all, n, sizeof *all, by_id);
    for (size_t i = 0; i < n; i++)
        cJSON_AddItemToArray(s->added, all[i]);
    free(all);
}

static void copy_text(char out[64], const cJSON *json, const char *key) {
    const char *text = tokenizer_json_text(json, key);
    if (!*out && strlen(text) < 64)
        memcpy(out, text, strlen(text) + 1);
}

/* The class that the files name, without the "Fast" that says how it was written. */
static void take_names(struct token_settings *s, const cJSON *model) {
    copy_text(s->class_name, s->config, "tokenizer_class");
    copy_text(s->class_name, model, "tokenizer_class");
    copy_text(s->model_type, model, "model_type");
    const size_t n = strlen(s->class_name);
    if (n > 4 && strcmp(s->class_name + n - 4, "Fast") == 0)
        s->class_name[n - 4] = '\0';
}

/* What a person says goes before what files say. */
static enum err_code take_kwargs(struct token_settings *s, const char *text, struct err *e) {
    const cJSON *v;
    size_t n = 0;
    if (!text || !*text)
        return ERR_OK;
    cJSON *json = cJSON_Parse(text);
    if (!cJSON_IsObject(json) || cJSON_GetArraySize(json) > MOST_KWARGS) {
        cJSON_Delete(json);
        return err_set(e, ERR_USAGE, "--tokenizer_kwargs %.100s is no JSON object", text);
    }
    cJSON_ArrayForEach(v, json) s->kwargs[n++] = mem_text(v->string);
    tokenizer_json_overwrite(s->config, json);
    cJSON_Delete(json);
    return ERR_OK;
}

enum err_code token_settings_check(const struct token_settings *s, struct err *e) {
    for (size_t i = 0; i < MOST_KWARGS && s->kwargs[i]; i++)
        if (!s->asked[i])
            return err_set(e, ERR_USAGE,
                           "--tokenizer_kwargs: %.60s has no meaning for this tokenizer (%.60s)",
                           s->kwargs[i], *s->class_name ? s->class_name : s->path);
    return ERR_OK;
}

/* Its place in --tokenizer_kwargs; −1: it is not there. */
static int kwarg_of(const struct token_settings *s, const char *key) {
    for (int i = 0; i < MOST_KWARGS && s->kwargs[i]; i++)
        if (strcmp(s->kwargs[i], key) == 0)
            return i;
    return -1;
}

bool token_settings_said(const struct token_settings *s, const char *key) {
    return kwarg_of(s, key) >= 0;
}

/* A member, which is then asked about. */
static const cJSON *ask(struct token_settings *s, const char *key) {
    const int i = kwarg_of(s, key);
    if (i >= 0)
        s->asked[i] = true;
    return tokenizer_json_get(s->config, key);
}

enum err_code token_settings_read(struct token_settings *out, const struct model_files *f,
                                  struct err *e) {
    cJSON *map = NULL, *older = NULL, *model = NULL;
    *out = (struct token_settings){.added = cJSON_CreateArray(), .path = f->folder};
    enum err_code code = read_object(&out->config, f->tokenizer_config, e);
    if (code)
        goto out;
    if (!out->config)
        out->config = cJSON_CreateObject();
    code = read_object(&model, f->config, e);
    if (code)
        goto out;
    take_names(out, model);
    const cJSON *decoder = tokenizer_json_get(out->config, "added_tokens_decoder");
    code = decoder ? ERR_OK : read_object(&map, f->special_tokens_map, e);
    if (code)
        goto out;
    code = decoder ? ERR_OK : read_object(&older, f->added_tokens, e);
    if (code)
        goto out;
    tokenizer_json_overwrite(out->config, map);
    code = take_kwargs(out, f->tokenizer_kwargs, e);
    if (code)
        goto out;
    code = decoder ? take_decoder(out, decoder, e) : take_older(out, older, e);
    sort_added(out);
out:
    cJSON_Delete(map);
    cJSON_Delete(older);
    cJSON_Delete(model);
    return code;
}

void token_settings_dispose(struct token_settings *s) {
    cJSON_Delete(s->config);
    cJSON_Delete(s->added);
    for (size_t i = 0; i < MOST_KWARGS; i++)
        free(s->kwargs[i]);
    *s = (struct token_settings){0};
}

bool token_settings_flag(struct token_settings *s, const char *key, bool otherwise) {
    const cJSON *v = ask(s, key);
    return v ? cJSON_IsTrue(v) : otherwise;
}

const char *token_settings_text(struct token_settings *s, const char *key, const char *otherwise) {
    const cJSON *v = ask(s, key);
    if (!v)
        return otherwise;
    const char *text = content_of(v);
    return *text ? text : NULL;
}

int token_settings_integer(struct token_settings *s, const char *key, int otherwise, int most) {
    const cJSON *v = ask(s, key);
    if (!cJSON_IsNumber(v) || !(v->valuedouble >= 0 && v->valuedouble <= most))
        return otherwise;
    return (int)v->valuedouble;
}
