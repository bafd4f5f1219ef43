/*
 * A tokenizer from tokenizer.json, as the tokenizers library (0.22.2) reads it, with what
 * Transformers' fast tokenizers (4.57.6) add by tokenizer_config.json (pretrained.h).
 */
#include "backend/base/file.h"
#include "backend/tokenizers/json.h"
#include "backend/tokenizers/pipeline_json.h"
#include "backend/tokenizers/pretrained.h"
#include "backend/tokenizers/stages.h"

#include <stdlib.h>
#include <string.h>

static enum err_code read_all(struct pipeline *p, cJSON *json, const struct pretrained *settings,
                              const char *path, struct err *e) {
    pretrained_change_stages(settings, json);
    enum err_code code = pipeline_read_json(p, json, path, e);
    return code ? code : pretrained_apply(settings, p, e);
}

static enum err_code open_json(struct tokenizer **out, const struct model_files *f,
                               const struct weights *w, struct model_config *config,
                               struct err *e) {
    struct pipeline *p = pipeline_new(&tokenizer_hugging_face);
    struct pretrained settings;
    cJSON *json = NULL;
    (void)w;
    enum err_code code = pretrained_open(&settings, f, config, e);
    if (code)
        goto out;
    code = tokenizer_json_read(&json, f->tokenizer_json, e);
    if (code)
        goto out;
    code = read_all(p, json, &settings, f->tokenizer_json, e);
    if (code)
        goto out;
    code = pipeline_finish(p, f->tokenizer_json, e);
    if (code)
        goto out;
    pretrained_correct_ids(&settings, &p->vocabulary, config);
out:
    cJSON_Delete(json);
    pretrained_dispose(&settings);
    return pipeline_hand_out(out, p, code);
}

static bool json_there(const struct model_files *f, const struct weights *w) {
    (void)w;
    return path_given(f->tokenizer_json);
}

static char *json_problem(const struct model_files *f, const struct weights *w) {
    struct file_map map;
    (void)w;
    if (file_map_open(&map, f->tokenizer_json, NULL) != ERR_OK)
        return mem_text("tokenizer.json cannot be read");
    const bool vocabulary = memmem(map.data, map.n, "\"vocab\"", 7) != NULL;
    file_map_close(&map);
    return vocabulary ? NULL : mem_text("tokenizer.json has no vocabulary");
}

const struct tokenizer_ops tokenizer_hugging_face = {.files = "tokenizer.json",
                                                     .there = json_there,
                                                     .problem = json_problem,
                                                     .open = open_json,
                                                     PIPELINE_OPS};
