#include "backend/base/json_file.h"

#include "backend/base/file.h"
#include "backend/base/json.h"

#include <stdlib.h>

enum err_code json_read_object(cJSON **out, const char *path, size_t limit, struct err *e) {
    char *text;
    size_t n;
    *out = NULL;
    enum err_code code = file_read(&text, &n, path, limit, e);
    if (code)
        return code;
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
