#include "app/files/result_tokens.h"

#include "app/files/result_parts.h"

#include <stdlib.h>

const struct json_value *result_attributes(const struct json_value *v) {
    const struct json_value *inner = json_get(v, "attributes");
    return inner && json_get(v, "__instance_type__") ? inner : v;
}

const struct json_value *result_class_name(const struct json_value *v) {
    const struct json_value *type = json_get(v, "__instance_type__");
    return type && type->type == JSON_ARRAY && type->n_members == 2 &&
                   type->first->next->type == JSON_STRING
               ? type->first->next
               : NULL;
}

enum err_code result_check_tokens(const struct json_value *list, enum piece_kind *kind,
                                  const char *side, struct err *e) {
    if (!list || list->type != JSON_ARRAY)
        return err_set(e, ERR_FORMAT, "the %s tokens are missing", side);
    for (const struct json_value *v = list->first; v; v = v->next) {
        const struct json_value *token = result_attributes(v), *piece = json_get(token, "token");
        int64_t id;
        if (!piece || piece->type != JSON_STRING || !json_integer(&id, json_get(token, "id")) ||
            id < INT32_MIN || id > INT32_MAX)
            return err_set(e, ERR_FORMAT, "a %s token is not a piece with its id", side);
        char *text = mem_text_n(piece->text, piece->n_text);
        enum piece_kind evident = piece_kind_of(text);
        free(text);
        if (evident != PIECE_PLAIN && *kind == PIECE_PLAIN)
            *kind = evident;
    }
    return ERR_OK;
}

void result_add_tokens(struct token_list *out, const struct json_value *list,
                       enum piece_kind kind) {
    for (const struct json_value *v = list->first; v; v = v->next) {
        const struct json_value *token = result_attributes(v), *piece = json_get(token, "token");
        int64_t id = -1;
        (void)json_integer(&id, json_get(token, "id"));
        char *text = mem_text_n(piece->text, piece->n_text);
        piece_add_token(out, (int32_t)id, text, kind);
        free(text);
    }
}
