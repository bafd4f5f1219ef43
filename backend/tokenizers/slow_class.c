#include "backend/tokenizers/slow_class.h"

#include "backend/tokenizers/added_list.h"
#include "backend/tokenizers/converted.h"
#include "backend/tokenizers/pretrained.h"

const struct tokenizer_class *slow_class_of(const struct token_settings *s,
                                            enum vocabulary_source source) {
    const char *name = *s->class_name ? s->class_name : tokenizer_class_of_model(s->model_type);
    const struct tokenizer_class *class = tokenizer_class_find(name ? name : "");
    return class && class->source == source ? class : NULL;
}

enum err_code slow_class_add_tokens(struct pipeline *p, const struct tokenizer_class *class,
                                    struct token_settings *s, struct err *e) {
    struct added_list list = {0};
    const cJSON *v;
    enum err_code code = ERR_OK;
    cJSON_ArrayForEach(v, s->added) added_list_take(&list, cJSON_Duplicate(v, true), false);
    for (int role = 0; role < ROLE_COUNT; role++) {
        const char *text = special_text(class, s, (enum special_role)role);
        if (text)
            added_list_take(&list, added_token_new(0, text, false, false, true), true);
    }
    cJSON_ArrayForEach(v, tokenizer_json_get(s->config, "additional_special_tokens")) {
        const char *text = cJSON_IsString(v) ? v->valuestring : tokenizer_json_text(v, "content");
        added_list_take(&list, added_token_new(0, text, false, false, true), true);
    }
    cJSON *json = added_list_json(&list);
    cJSON_ArrayForEach(v, json) if (!code) code = pretrained_add_token(p, v, s->path, e);
    cJSON_Delete(json);
    return code;
}
