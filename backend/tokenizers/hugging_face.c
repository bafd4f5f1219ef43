/*
 * A tokenizer from tokenizer.json, as the tokenizers library (0.22.2) reads it, with what
 * Transformers' fast tokenizers (4.57.6) add by tokenizer_config.json (pretrained.h).
 */
#include "backend/base/file.h"
#include "backend/tokenizers/frame.h"
#include "backend/tokenizers/json.h"
#include "backend/tokenizers/pipeline_json.h"
#include "backend/tokenizers/pretrained.h"
#include "backend/tokenizers/stages.h"
#include "backend/tokenizers/words.h"

#include <stdlib.h>
#include <string.h>

/* Whether this tokenizer.json, with its class, has a use for what --tokenizer_kwargs says. */
static bool has_use(const struct pretrained *s, const cJSON *json, const char *key) {
    const struct tokenizer_class *class = tokenizer_class_find(s->tokenizer_class);
    const cJSON *pre = tokenizer_json_get(json, "pre_tokenizer");
    if (words_hold("add_bos_token add_eos_token", key))
        return pretrained_rules(s);
    if (words_hold("src_lang tgt_lang", key))
        return class && class->source_language;
    return strcmp(key, "add_prefix_space") == 0 &&
           strcmp(tokenizer_json_text(pre, "type"), "ByteLevel") == 0;
}

static enum err_code check_kwargs(const struct pretrained *s, const cJSON *json, const char *kwargs,
                                  struct err *e) {
    const cJSON *v;
    cJSON *said = NULL;
    enum err_code code = ERR_OK;
    if (path_given(kwargs))
        code = tokenizer_json_parse(&said, kwargs, "--tokenizer_kwargs", e);
    cJSON_ArrayForEach(v, said) if (!code && !has_use(s, json, v->string)) code = err_set(
        e, ERR_USAGE, "--tokenizer_kwargs: %.60s has no meaning for this tokenizer.json (%.60s)",
        v->string, *s->tokenizer_class ? s->tokenizer_class : "no class is named");
    cJSON_Delete(said);
    return code;
}

/* A translator's languages stand around its texts, whatever tokenizer.json says. */
static enum err_code put_languages(struct pipeline *p, const struct model_files *f,
                                   const struct pretrained *settings, struct model_config *config,
                                   struct err *e) {
    const struct tokenizer_class *class = tokenizer_class_find(settings->tokenizer_class);
    struct token_settings s;
    if (!class || !class->source_language)
        return ERR_OK;
    enum err_code code = token_settings_read(&s, f, e);
    if (!code)
        code = frame_put(p, class, &s, config, f->tokenizer_json, e);
    token_settings_dispose(&s);
    return code;
}

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
    code = check_kwargs(&settings, json, f->tokenizer_kwargs, e);
    if (code)
        goto out;
    code = read_all(p, json, &settings, f->tokenizer_json, e);
    if (code)
        goto out;
    code = put_languages(p, f, &settings, config, e);
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

static bool json_there(const struct model_files *f, const struct weights *w, const char *class) {
    (void)w, (void)class;
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
                                                     .takes_kwargs = true,
                                                     .there = json_there,
                                                     .problem = json_problem,
                                                     .open = open_json,
                                                     .speak = frame_speak,
                                                     PIPELINE_OPS};
