#include "backend/tokenizers/slow_class.h"

#include "backend/tokenizers/added_list.h"
#include "backend/tokenizers/clean_up.h"
#include "backend/tokenizers/converted.h"
#include "backend/tokenizers/frame.h"
#include "backend/tokenizers/pretrained.h"

#include <stdlib.h>

const struct tokenizer_class *slow_class_find(const char *name, enum vocabulary_source source) {
    const struct tokenizer_class *class = tokenizer_class_find(name);
    return class && class->source == source ? class : NULL;
}

/* What follows once a kind has read its own files. */
static enum err_code finish(struct pipeline *p, const struct model_files *f,
                            const struct tokenizer_class *class, struct token_settings *s,
                            struct model_config *config, struct err *e) {
    enum err_code code = pipeline_finish(p, f->vocab_json, e);
    if (code)
        return code;
    code = frame_put(p, class, s, config, f->vocab_json, e);
    return code ? code : token_settings_check(s, e);
}

enum err_code slow_class_open(struct tokenizer **out, const struct tokenizer_ops *kind,
                              enum vocabulary_source source, slow_class_fill *fill,
                              const struct model_files *f, struct model_config *config,
                              struct err *e) {
    struct pipeline *p = pipeline_new(kind);
    struct token_settings s;
    enum err_code code = token_settings_read(&s, f, e);
    if (code)
        goto out;
    const char *name = tokenizer_class_named(&s);
    const struct tokenizer_class *class = slow_class_find(name, source);
    if (!class) {
        code = err_set(e, ERR_UNSUPPORTED, "%s: a %.60s is not made of %s here", f->folder,
                       *name ? name : "tokenizer without a class", kind->files);
        goto out;
    }
    code = fill(p, f, class, &s, config, e);
    if (code)
        goto out;
    code = finish(p, f, class, &s, config, e);
out:
    token_settings_dispose(&s);
    return pipeline_hand_out(out, p, code);
}

/* These classes look for added tokens in a text as it is typed, whatever files say. */
static cJSON *found_in_text(const cJSON *token) {
    cJSON *copy = cJSON_Duplicate(token, true);
    cJSON_ReplaceItemInObjectCaseSensitive(copy, "normalized", cJSON_CreateBool(false));
    return copy;
}

enum err_code slow_class_add_tokens(struct pipeline *p, const struct tokenizer_class *class,
                                    struct token_settings *s, struct err *e) {
    struct added_list list = {0};
    const cJSON *v;
    enum err_code code = ERR_OK;
    cJSON_ArrayForEach(v, s->added) added_list_take(&list, found_in_text(v), false);
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

/* --- ids to text --- */

/* Appends the text of the pieces that wait, and a space before it; none wait afterwards. */
static void flush(const struct slow_text *how, struct text_buffer *waiting,
                  struct text_buffer *out) {
    char *text = how->join(how->how, waiting->text ? waiting->text : "");
    if (*text && out->n)
        text_buffer_puts(out, " ");
    text_buffer_puts(out, text);
    free(text);
    text_buffer_dispose(waiting);
}

char *slow_class_decode(const struct pipeline *p, const struct slow_text *how, const int32_t *ids,
                        size_t n, bool skip_special) {
    struct text_buffer waiting = {0}, out = {0};
    for (size_t i = 0; i < n; i++) {
        const char *piece = vocabulary_piece(&p->vocabulary, ids[i], NULL);
        const unsigned kind = added_tokens_kind(&p->added, ids[i]);
        if (skip_special && (kind & ADDED_SPECIAL))
            continue;
        if (!kind || (kind & ADDED_SPECIAL)) {
            how->add(&waiting, piece);
            continue;
        }
        flush(how, &waiting, &out);
        if (out.n)
            text_buffer_puts(&out, " ");
        text_buffer_puts(&out, piece);
    }
    flush(how, &waiting, &out);
    char *text = text_buffer_take(&out);
    if (p->clean_up_spaces)
        mem_replace(&text, clean_up_text(text));
    return text;
}
