#include "backend/tokenizers/gguf_pre.h"

#include "backend/tokenizers/json.h"
#include "backend/tokenizers/words.h"

#include <string.h>

/* Stages that tokenizer.json has for an expression. */
#define DIGITS "\\p{N}"
#define WORDS "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"

static const struct gguf_pre rows[] = {
#define PRE(names, flags, ...) {names, flags, (const char *const[]){__VA_ARGS__, NULL}},
#include "backend/tokenizers/gguf_pre.def"
#undef PRE
};

const struct gguf_pre *gguf_pre_find(const char *name) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (*name && words_hold(rows[i].names, name))
            return &rows[i];
    return NULL;
}

static cJSON *byte_level(bool splits) {
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "type", "ByteLevel");
    cJSON_AddBoolToObject(o, "add_prefix_space", false);
    cJSON_AddBoolToObject(o, "use_regex", splits);
    return o;
}

static cJSON *stage_of(const char *expression) {
    cJSON *o = cJSON_CreateObject();
    if (strcmp(expression, DIGITS) == 0) {
        cJSON_AddStringToObject(o, "type", "Digits");
        cJSON_AddBoolToObject(o, "individual_digits", true);
        return o;
    }
    cJSON_AddStringToObject(o, "type", "Split");
    cJSON_AddStringToObject(cJSON_AddObjectToObject(o, "pattern"), "Regex", expression);
    cJSON_AddStringToObject(o, "behavior", "Isolated");
    cJSON_AddBoolToObject(o, "invert", false);
    return o;
}

enum err_code gguf_pre_add(const struct gguf_pre *pre, struct stages *out, struct err *e) {
    cJSON *all = cJSON_CreateObject();
    bool splits = false; /* the last one is ByteLevel's own */
    cJSON_AddStringToObject(all, "type", "Sequence");
    cJSON *list = cJSON_AddArrayToObject(all, "pretokenizers");
    for (const char *const *x = pre->expressions; *x; x++) {
        splits = !x[1] && strcmp(*x, WORDS) == 0;
        if (!splits)
            cJSON_AddItemToArray(list, stage_of(*x));
    }
    if (!(pre->flags & PLAIN))
        cJSON_AddItemToArray(list, byte_level(splits));
    enum err_code code = stages_add(out, STAGE_PRE_TOKENIZER, all, "tokenizer.ggml.pre", e);
    cJSON_Delete(all);
    return code;
}
