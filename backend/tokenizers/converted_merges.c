#include "backend/base/file.h"
#include "backend/tokenizers/converted_parts.h"

#include <stdlib.h>
#include <string.h>

#define MAX_MERGES (256u << 20)

/* Cuts the text into lines. As there, the first line is its version, and one that no line break
 * ends is left out. */
static enum err_code take_merges(struct converted *c, cJSON *list, const char *path,
                                 struct err *e) {
    size_t n;
    enum err_code code = file_read(&c->merges, &n, path, MAX_MERGES, e);
    if (code)
        return code;
    if (memchr(c->merges, '\0', n))
        return err_set(e, ERR_FORMAT, "%s: a NUL byte (byte %zu)", path, strlen(c->merges));
    char *rest = c->merges, *line;
    for (size_t i = 0; (line = strsep(&rest, "\n")) && rest; i++) {
        size_t length = strlen(line);
        if (length && line[length - 1] == '\r')
            line[--length] = '\0';
        const char *space = length ? strchr(line + 1, ' ') : NULL;
        if (i == 0 || (length == 0 && c->class->skips_blank_lines))
            continue;
        if (!space || !space[1])
            return err_set(e, ERR_FORMAT, "%s: line %zu (\"%.40s\") is not a pair", path, i + 1,
                           line);
        cJSON_AddItemToArray(list, cJSON_CreateStringReference(line));
    }
    return ERR_OK;
}

static enum err_code take_vocabulary(struct converted *c, cJSON *model, const char *path,
                                     struct err *e) {
    cJSON *pieces = NULL;
    enum err_code code = tokenizer_json_read(&pieces, path, e);
    if (code)
        return code;
    cJSON_AddItemToObject(model, "vocab", pieces);
    if (!cJSON_IsObject(pieces))
        return err_set(e, ERR_FORMAT, "%s is not a JSON object", path);
    return vocabulary_read_json(&c->pieces, pieces, NULL, path, e);
}

enum err_code converted_from_merges(struct converted *out, const char *vocabulary,
                                    const char *merges, const struct tokenizer_class *class,
                                    struct token_settings *s, struct err *e) {
    *out = (struct converted){
        .root = cJSON_CreateObject(), .class = class, .settings = s, .path = vocabulary};
    cJSON *model = cJSON_AddObjectToObject(out->root, "model");
    cJSON_AddStringToObject(model, "type", "BPE");
    if (class->word_end) {
        cJSON_AddStringToObject(model, "end_of_word_suffix", class->word_end);
        cJSON_AddStringToObject(model, "unk_token", special_text(class, s, ROLE_UNK));
    }
    enum err_code code = take_vocabulary(out, model, vocabulary, e);
    if (code)
        return code;
    code = take_merges(out, cJSON_AddArrayToObject(model, "merges"), merges, e);
    if (code)
        return code;
    converted_finish(out);
    return ERR_OK;
}
