/* Hugging Face's way to write a vocabulary: pieces by name with their ids, and added tokens in a
 * list. */
#include "backend/tokenizers/json.h"
#include "backend/tokenizers/vocabulary.h"

#include <stdlib.h>
#include <string.h>

static bool id_of(const cJSON *v, int32_t *id) {
    if (!cJSON_IsNumber(v) || !(v->valuedouble >= 0 && v->valuedouble < VOCABULARY_MOST))
        return false;
    *id = (int32_t)v->valuedouble;
    return true;
}

enum err_code vocabulary_read_json(struct vocabulary *out, const cJSON *pieces, const cJSON *added,
                                   const char *path, struct err *e) {
    int32_t n = 0, id;
    const cJSON *v;
    cJSON_ArrayForEach(v, pieces) {
        if (!id_of(v, &id))
            return err_set(e, ERR_FORMAT, "%s: the id of a piece is not a number from 0 to %d",
                           path, VOCABULARY_MOST);
        n = id + 1 > n ? id + 1 : n;
    }
    cJSON_ArrayForEach(v, added) {
        if (!id_of(tokenizer_json_get(v, "id"), &id) ||
            !cJSON_IsString(tokenizer_json_get(v, "content")))
            return err_set(e, ERR_FORMAT, "%s: an added token lacks its id or content", path);
        n = id + 1 > n ? id + 1 : n;
    }
    const char **by_id = mem_alloc((size_t)n * sizeof *by_id);
    cJSON_ArrayForEach(v, pieces) by_id[(int32_t)v->valuedouble] = v->string;
    cJSON_ArrayForEach(v, added) by_id[(int32_t)tokenizer_json_get(v, "id")->valuedouble] =
        tokenizer_json_get(v, "content")->valuestring;
    vocabulary_init(out, n);
    for (int32_t i = 0; i < n; i++)
        vocabulary_add(out, by_id[i] ? by_id[i] : "", by_id[i] ? strlen(by_id[i]) : 0);
    free(by_id);
    vocabulary_index(out);
    return ERR_OK;
}

enum err_code vocabulary_read_file(struct vocabulary *v, const char *path, struct err *e) {
    cJSON *json = NULL;
    enum err_code code = tokenizer_json_read(&json, path, e);
    if (code)
        goto out;
    if (!cJSON_IsObject(json))
        code = err_set(e, ERR_FORMAT, "%s is not a JSON object of pieces and ids", path);
    if (code)
        goto out;
    code = vocabulary_read_json(v, json, NULL, path, e);
out:
    cJSON_Delete(json);
    return code;
}
