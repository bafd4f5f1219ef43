#include "backend/tokenizers/stages.h"

#include "backend/tokenizers/json.h"

#include <string.h>

static const struct stage_ops *const kinds[] = {
#define STAGE(id) &id,
#include "backend/tokenizers/stages.def"
#undef STAGE
};

/* How tokenizer.json names the roles, and the list in a Sequence of each. */
static const struct {
    const char *name, *list;
} roles[] = {[STAGE_NORMALIZER] = {"normalizer", "normalizers"},
             [STAGE_PRE_TOKENIZER] = {"pre-tokenizer", "pretokenizers"},
             [STAGE_DECODER] = {"decoder", "decoders"}};

static bool has_role(const struct stage_ops *kind, enum stage_role role) {
    switch (role) {
    case STAGE_NORMALIZER:
        return kind->normalize;
    case STAGE_PRE_TOKENIZER:
        return kind->cut;
    default:
        return kind->decode;
    }
}

static const struct stage_ops *find_kind(enum stage_role role, const char *type) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (has_role(kinds[i], role) && strcmp(kinds[i]->type, type) == 0)
            return kinds[i];
    return NULL;
}

struct adding {
    struct stages *list;
    enum stage_role role;
};

static enum err_code add(void *user, const cJSON *json, const char *where, struct err *e) {
    const struct adding *a = user;
    const char *type = tokenizer_json_text(json, "type");
    const struct stage_ops *kind = find_kind(a->role, type);
    struct stage *s = NULL;
    enum err_code code = ERR_OK;
    if (!kind)
        return err_set(e, ERR_UNSUPPORTED, "%s: %s \"%.40s\" is not known here", where,
                       roles[a->role].name, type);
    if (kind->open)
        code = kind->open(&s, json, where, e);
    else
        s = stage_new(kind, sizeof *s);
    if (code)
        return code;
    stages_take(a->list, s);
    return ERR_OK;
}

enum err_code stages_add(struct stages *list, enum stage_role role, const cJSON *json,
                         const char *where, struct err *e) {
    struct adding a = {list, role};
    return tokenizer_json_each(json, roles[role].list, where, add, &a, e);
}

enum err_code stages_add_text(struct stages *list, enum stage_role role, const char *text,
                              const char *where, struct err *e) {
    cJSON *json = NULL;
    enum err_code code = tokenizer_json_parse(&json, text, where, e);
    if (code)
        return code;
    code = stages_add(list, role, json, where, e);
    cJSON_Delete(json);
    return code;
}
