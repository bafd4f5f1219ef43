#include "backend/tokenizers/pipeline_json.h"

#include "backend/tokenizers/json.h"
#include "backend/tokenizers/model_json.h"
#include "backend/tokenizers/pretrained.h"
#include "backend/tokenizers/stages.h"

#include <stdlib.h>

static enum err_code read_stages(struct pipeline *p, const cJSON *json, const char *path,
                                 struct err *e) {
    const struct {
        const char *key;
        struct stages *list;
        enum stage_role role;
    } parts[] = {{"normalizer", &p->normalizers, STAGE_NORMALIZER},
                 {"pre_tokenizer", &p->pre_tokenizers, STAGE_PRE_TOKENIZER},
                 {"decoder", &p->decoders, STAGE_DECODER}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char *where = mem_format("%s: %s", path, parts[i].key);
        enum err_code code = stages_add(parts[i].list, parts[i].role,
                                        tokenizer_json_get(json, parts[i].key), where, e);
        free(where);
        if (code)
            return code;
    }
    return ERR_OK;
}

static enum err_code read_added(struct pipeline *p, const cJSON *list, const char *path,
                                struct err *e) {
    const cJSON *item;
    int i = 0;
    cJSON_ArrayForEach(item, list) {
        char *where = mem_format("%s: added_tokens[%d]", path, i++);
        enum err_code code = pretrained_add_token(p, item, where, e);
        free(where);
        if (code)
            return code;
    }
    return ERR_OK;
}

static enum err_code read_post(struct pipeline *p, const cJSON *json, const char *path,
                               struct err *e) {
    char *where = mem_format("%s: post_processor", path);
    enum err_code code = post_processor_add(&p->post, tokenizer_json_get(json, "post_processor"),
                                            p->vocabulary.n, where, e);
    free(where);
    return code;
}

enum err_code pipeline_read_json(struct pipeline *p, const cJSON *json, const char *path,
                                 struct err *e) {
    enum err_code code = read_stages(p, json, path, e);
    if (code)
        return code;
    code = model_json_read(p, tokenizer_json_get(json, "model"), path, e);
    if (code)
        return code;
    code = read_added(p, tokenizer_json_get(json, "added_tokens"), path, e);
    if (code)
        return code;
    return read_post(p, json, path, e);
}
