#include "backend/tokenizers/json.h"

#include "backend/base/file.h"
#include "backend/base/json.h"
#include "backend/base/text.h"

#include <stdlib.h>

#define MAX_FILE (256u << 20)

enum err_code tokenizer_json_read(cJSON **out, const char *path, struct err *e) {
    char *text;
    size_t n;
    *out = NULL;
    enum err_code code = file_read(&text, &n, path, MAX_FILE, e);
    if (code)
        return code;
    const bool cut = json_holds_nul(text, n); /* pieces are C strings */
    if (text_valid_utf8(text, n,
                        NULL)) /* cJSON does not look; pieces go into results as they are */
        *out = cJSON_ParseWithLength(text, n);
    free(text);
    if (!*out)
        return err_set(e, ERR_FORMAT, "%s is not valid JSON", path);
    if (!cut)
        return ERR_OK;
    cJSON_Delete(*out);
    *out = NULL;
    return err_set(e, ERR_FORMAT, "%s: a NUL character in a text, which no token here can hold",
                   path);
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
