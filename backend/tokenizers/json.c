#include "backend/tokenizers/json.h"

#include "backend/base/file.h"
#include "backend/base/json.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/tokenizers/characters.h"

#include <stdlib.h>
#include <string.h>

#define MAX_FILE (256u << 20)
enum { MAX_DEPTH = 20 };

static enum err_code parse(cJSON **out, const char *text, size_t n, const char *path,
                           struct err *e) {
    *out = NULL;
    if (text_valid_utf8(text, n,
                        NULL)) /* cJSON does not look; pieces go into results as they are */
        *out = cJSON_ParseWithLength(text, n);
    if (!*out)
        return err_set(e, ERR_FORMAT, "%s is not valid JSON", path);
    if (!json_holds_nul(text, n)) /* pieces are C strings */
        return ERR_OK;
    cJSON_Delete(*out);
    *out = NULL;
    return err_set(e, ERR_FORMAT, "%s: a NUL character in a text, which no token here can hold",
                   path);
}

enum err_code tokenizer_json_parse(cJSON **out, const char *text, const char *path, struct err *e) {
    return parse(out, text, strlen(text), path, e);
}

enum err_code tokenizer_json_read(cJSON **out, const char *path, struct err *e) {
    char *text;
    size_t n;
    *out = NULL;
    enum err_code code = file_read(&text, &n, path, MAX_FILE, e);
    if (code)
        return code;
    code = parse(out, text, n, path, e);
    free(text);
    return code;
}

const cJSON *tokenizer_json_get(const cJSON *o, const char *key) {
    return cJSON_GetObjectItemCaseSensitive(o, key);
}

bool tokenizer_json_true(const cJSON *o, const char *key) {
    return cJSON_IsTrue(tokenizer_json_get(o, key));
}

const char *tokenizer_json_text(const cJSON *o, const char *key) {
    const cJSON *v = tokenizer_json_get(o, key);
    return cJSON_IsString(v) ? v->valuestring : "";
}

void tokenizer_json_overwrite(cJSON *to, const cJSON *from) {
    const cJSON *v;
    cJSON_ArrayForEach(v, from) {
        cJSON_DeleteItemFromObjectCaseSensitive(to, v->string);
        cJSON_AddItemToObject(to, v->string, cJSON_Duplicate(v, true));
    }
}

enum err_code tokenizer_json_flag(bool *out, const cJSON *o, const char *key, bool fallback,
                                  const char *where, struct err *e) {
    const cJSON *v = tokenizer_json_get(o, key);
    *out = v && !cJSON_IsNull(v) ? cJSON_IsTrue(v) : fallback;
    if (!v || cJSON_IsNull(v) || cJSON_IsBool(v))
        return ERR_OK;
    return err_set(e, ERR_FORMAT, "%s.%s is neither true nor false", where, key);
}

enum err_code tokenizer_json_count(int64_t *out, const cJSON *o, const char *key, int64_t fallback,
                                   int64_t most, const char *where, struct err *e) {
    const cJSON *v = tokenizer_json_get(o, key);
    *out = fallback;
    if (!v || cJSON_IsNull(v))
        return ERR_OK;
    if (!cJSON_IsNumber(v) || !(v->valuedouble >= 0 && v->valuedouble <= (double)most) ||
        v->valuedouble != (double)(int64_t)v->valuedouble)
        return err_set(e, ERR_FORMAT, "%s.%s is not a whole number from 0 to %lld", where, key,
                       (long long)most);
    *out = (int64_t)v->valuedouble;
    return ERR_OK;
}

enum err_code tokenizer_json_string(const char **out, const cJSON *o, const char *key,
                                    const char *where, struct err *e) {
    const cJSON *v = tokenizer_json_get(o, key);
    *out = cJSON_IsString(v) ? v->valuestring : "";
    return cJSON_IsString(v) ? ERR_OK
                             : err_set(e, ERR_FORMAT, "%s.%s is missing or no text", where, key);
}

enum err_code tokenizer_json_character(int32_t *out, const cJSON *o, const char *key,
                                       const char *where, struct err *e) {
    const char *text;
    size_t length = 0;
    *out = 0;
    enum err_code code = tokenizer_json_string(&text, o, key, where, e);
    if (code)
        return code;
    const size_t n = strlen(text);
    if (n)
        *out = character_at(text, n, &length);
    return n && n == length ? ERR_OK
                            : err_set(e, ERR_FORMAT, "%s.%s is not one character", where, key);
}

struct walk {
    const char *key;
    enum err_code (*one)(void *user, const cJSON *json, const char *where, struct err *e);
    void *user;
};

static enum err_code each(const struct walk *w, const cJSON *json, const char *where, int depth,
                          struct err *e) {
    const char *type = tokenizer_json_text(json, "type");
    const cJSON *list = tokenizer_json_get(json, w->key), *item;
    enum err_code code = ERR_OK;
    int i = 0;
    if (!json || cJSON_IsNull(json))
        return ERR_OK;
    if (!cJSON_IsObject(json) || !*type)
        return err_set(e, ERR_FORMAT, "%s is no object with a type", where);
    if (strcmp(type, "Sequence") != 0)
        return w->one(w->user, json, where, e);
    if (!cJSON_IsArray(list) || depth == MAX_DEPTH)
        return err_set(e, ERR_FORMAT, "%s.%s is no list, or lies more than %d deep", where, w->key,
                       MAX_DEPTH);
    cJSON_ArrayForEach(item, list) {
        char *inside = mem_format("%s.%s[%d]", where, w->key, i++);
        code = each(w, item, inside, depth + 1, e);
        free(inside);
        if (code)
            return code;
    }
    return code;
}

enum err_code tokenizer_json_each(const cJSON *json, const char *key, const char *where,
                                  enum err_code (*one)(void *user, const cJSON *json,
                                                       const char *where, struct err *e),
                                  void *user, struct err *e) {
    const struct walk w = {key, one, user};
    return each(&w, json, where, 0, e);
}
