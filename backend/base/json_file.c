#include "backend/base/json_file.h"

#include "backend/base/file.h"
#include "backend/base/json.h"
#include "backend/base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool begins(const char *at, const char *end, const char *word) {
    const size_t n = strlen(word);
    return (size_t)(end - at) >= n && memcmp(at, word, n) == 0;
}

/* What cJSON reads as what Python means: a number too large is an infinite one. */
static const char *spelled(const char *at, const char *end, size_t *n_read) {
    static const char *const words[][2] = {{"Infinity", "1e999"}, {"NaN", "\"NaN\""}};
    for (size_t i = 0; i < 2; i++)
        if (begins(at, end, words[i][0])) {
            *n_read = strlen(words[i][0]);
            return words[i][1];
        }
    return NULL;
}

/* Owned by the caller; NULL: there is nothing of the kind. */
static char *respell(const char *text, size_t n, size_t *n_out) {
    struct text_buffer b = {0};
    const char *end = text + n, *from = text;
    bool quoted = false;
    for (const char *at = text; at < end; at++) {
        size_t n_read = 0;
        if (quoted && *at == '\\')
            at++;
        else if (*at == '"')
            quoted = !quoted;
        const char *word = quoted || at >= end ? NULL : spelled(at, end, &n_read);
        if (!word)
            continue;
        text_buffer_add(&b, from, (size_t)(at - from));
        text_buffer_puts(&b, word);
        from = at + n_read;
        at = from - 1;
    }
    if (from == text)
        return NULL;
    text_buffer_add(&b, from, (size_t)(end - from));
    *n_out = b.n;
    return text_buffer_take(&b);
}

enum err_code json_read_object(cJSON **out, const char *path, size_t limit, struct err *e) {
    char *text;
    size_t n;
    *out = NULL;
    enum err_code code = file_read(&text, &n, path, limit, e);
    if (code)
        return code;
    size_t n_again = 0;
    char *again = respell(text, n, &n_again);
    if (again) {
        free(text);
        text = again;
        n = n_again;
    }
    cJSON *json = cJSON_ParseWithLength(text, n);
    if (!cJSON_IsObject(json)) {
        const char *at = json ? text : cJSON_GetErrorPtr();
        size_t byte = at >= text && at <= text + n ? (size_t)(at - text) : 0;
        code = err_set(e, ERR_FORMAT, "%s: no valid JSON object (byte %zu)", path, byte);
        cJSON_Delete(json);
        json = NULL;
    }
    if (!code && json_holds_nul(text, n)) {
        code = err_set(e, ERR_FORMAT, "%s: a NUL character in a text", path);
        cJSON_Delete(json);
        json = NULL;
    }
    free(text);
    *out = json;
    return code;
}
