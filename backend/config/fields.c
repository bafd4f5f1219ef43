#include "backend/config/fields.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void field_fail(struct fields *f, enum err_code code, const char *format, ...) {
    if (f->code != ERR_OK)
        return;
    char text[ERR_MESSAGE_SIZE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    f->code = err_set(f->e, code, "%s: %s", f->file, text);
}

static const cJSON *json_item(const struct fields *f, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(f->json, name);
    return cJSON_IsNull(item) ? NULL : item;
}

static const char *gguf_key(const struct fields *f, const char *name, char *buffer, size_t n) {
    snprintf(buffer, n, "%s%s", f->prefix, name);
    return buffer;
}

/* Any kind of value under a GGUF key. */
static bool gguf_has(const struct weights *w, const char *key) {
    int64_t i;
    double d;
    bool b;
    const char *text;
    size_t n;
    return weights_meta_int(w, key, &i) || weights_meta_float(w, key, &d) ||
           weights_meta_bool(w, key, &b) || weights_meta_text(w, key, &text, &n) ||
           weights_meta_array_size(w, key, &n);
}

bool field_present(const struct fields *f, const char *name) {
    char key[128];
    return f->gguf ? gguf_has(f->gguf, gguf_key(f, name, key, sizeof key))
                   : json_item(f, name) != NULL;
}

/* 1: found, 0: absent, −1: of another kind. */
static int find_number(double *value, const struct fields *f, const char *name) {
    char key[128];
    if (f->gguf) {
        gguf_key(f, name, key, sizeof key);
        return weights_meta_float(f->gguf, key, value) ? 1 : gguf_has(f->gguf, key) ? -1 : 0;
    }
    const cJSON *item = json_item(f, name);
    if (!item)
        return 0;
    *value = item->valuedouble;
    return cJSON_IsNumber(item) ? 1 : -1;
}

int64_t field_int(struct fields *f, const char *name, int64_t fallback, int64_t min, int64_t max) {
    double value;
    int found = find_number(&value, f, name);
    if (found == 0)
        return fallback;
    if (found < 0 || !(value >= (double)min && value <= (double)max) || value != floor(value)) {
        field_fail(f, ERR_FORMAT, "%s must be a whole number from %lld to %lld", name,
                   (long long)min, (long long)max);
        return fallback;
    }
    return (int64_t)value;
}

double field_real(struct fields *f, const char *name, double fallback, double min, double max) {
    double value;
    int found = find_number(&value, f, name);
    if (found == 0)
        return fallback;
    if (found < 0 || !(value >= min && value <= max)) {
        field_fail(f, ERR_FORMAT, "%s must be a number from %g to %g", name, min, max);
        return fallback;
    }
    return value;
}

bool field_flag(struct fields *f, const char *name, bool fallback) {
    char key[128];
    bool value;
    if (f->gguf) {
        gguf_key(f, name, key, sizeof key);
        if (weights_meta_bool(f->gguf, key, &value))
            return value;
        if (gguf_has(f->gguf, key))
            field_fail(f, ERR_FORMAT, "%s must be true or false", key);
        return fallback;
    }
    const cJSON *item = json_item(f, name);
    if (!item)
        return fallback;
    if (!cJSON_IsBool(item)) {
        field_fail(f, ERR_FORMAT, "%s must be true or false", name);
        return fallback;
    }
    return cJSON_IsTrue(item);
}

void field_text(struct fields *f, const char *name, const char *fallback, char *out, size_t n_out) {
    char key[128];
    const char *text = fallback;
    size_t n = strlen(fallback);
    if (f->gguf) {
        gguf_key(f, name, key, sizeof key);
        if (!weights_meta_text(f->gguf, key, &text, &n) && gguf_has(f->gguf, key))
            field_fail(f, ERR_FORMAT, "%s must be a text", key);
    } else {
        const cJSON *item = json_item(f, name);
        if (item && !cJSON_IsString(item))
            field_fail(f, ERR_FORMAT, "%s must be a text", name);
        else if (item)
            n = strlen(text = item->valuestring);
    }
    if (n >= n_out)
        n = n_out - 1;
    memcpy(out, text, n);
    out[n] = '\0';
}

int32_t field_token(struct fields *f, const char *name, int32_t fallback, int64_t n_vocab) {
    if (f->json && cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(f->json, name)))
        return -1; /* an explicit null means none, even where the class has a default */
    /* Some configurations name an id beyond the vocabulary (a padding token that was never added):
     * it can never occur. */
    int64_t id = field_int(f, name, fallback, INT32_MIN, UINT32_MAX);
    return id >= 0 && id < n_vocab ? (int32_t)id : -1;
}

enum err_code json_read_object(cJSON **out, const char *path, size_t limit, struct err *e) {
    char *text;
    size_t n;
    *out = NULL;
    enum err_code code = file_read(&text, &n, path, limit, e);
    if (code != ERR_OK)
        return code;
    cJSON *json = cJSON_ParseWithLength(text, n);
    if (!cJSON_IsObject(json)) {
        const char *at = json ? text : cJSON_GetErrorPtr();
        size_t byte = at >= text && at <= text + n ? (size_t)(at - text) : 0;
        code = err_set(e, ERR_FORMAT, "%s: no valid JSON object (byte %zu)", path, byte);
        cJSON_Delete(json);
        json = NULL;
    }
    free(text);
    *out = json;
    return code;
}
