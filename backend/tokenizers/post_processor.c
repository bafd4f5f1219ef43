#include "backend/tokenizers/post_processor.h"

#include "backend/base/mem.h"
#include "backend/tokenizers/json.h"

#include <stdlib.h>
#include <string.h>

void post_processor_dispose(struct post_processor *p) {
    free(p->before.items);
    free(p->after.items);
    *p = (struct post_processor){0};
}

static void add_id(struct token_ids *ids, int32_t id) {
    if ((ids->n & (ids->n - 1)) == 0)
        ids->items = mem_resize(ids->items, (ids->n ? 2 * ids->n : 1) * sizeof *ids->items);
    ids->items[ids->n++] = id;
}

/* In front of others that are there: `n` stood there before those of the same template. */
static void insert_id(struct token_ids *ids, size_t at, int32_t id) {
    add_id(ids, id);
    memmove(ids->items + at + 1, ids->items + at, (ids->n - 1 - at) * sizeof *ids->items);
    ids->items[at] = id;
}

void post_processor_put_before_text(struct post_processor *p, size_t at, int32_t id) {
    insert_id(&p->before, at, id);
}

void post_processor_put_before(struct post_processor *p, int32_t id) {
    insert_id(&p->before, 0, id);
}

void post_processor_put_after(struct post_processor *p, int32_t id) {
    add_id(&p->after, id);
}

static void exchange(struct token_ids *ids, int32_t from, int32_t to) {
    for (size_t i = 0; i < ids->n; i++)
        if (ids->items[i] == from)
            ids->items[i] = to;
}

void post_processor_exchange(struct post_processor *p, int32_t from, int32_t to) {
    exchange(&p->before, from, to);
    exchange(&p->after, from, to);
}

struct reading {
    struct post_processor *p;
    int32_t n_vocabulary;
    size_t n_before; /* tokens that the template at hand has put before the text */
    bool behind;     /* its text has come */
};

static enum err_code read_id(int32_t *id, const cJSON *v, const struct reading *r,
                             const char *where, struct err *e) {
    *id = -1;
    if (!cJSON_IsNumber(v) || !(v->valuedouble >= 0 && v->valuedouble < r->n_vocabulary))
        return err_set(e, ERR_FORMAT, "%s: a token's id is not a number from 0 to %d", where,
                       r->n_vocabulary - 1);
    *id = (int32_t)v->valuedouble;
    return ERR_OK;
}

static enum err_code put(struct reading *r, const cJSON *v, const char *where, struct err *e) {
    int32_t id;
    enum err_code code = read_id(&id, v, r, where, e);
    if (code)
        return code;
    if (r->behind)
        add_id(&r->p->after, id);
    else
        insert_id(&r->p->before, r->n_before++, id);
    return ERR_OK;
}

/* --- TemplateProcessing --- */

static enum err_code put_special(struct reading *r, const cJSON *json, const cJSON *special,
                                 const char *where, struct err *e) {
    const char *name = tokenizer_json_text(special, "id");
    const cJSON *ids = tokenizer_json_get(
                    tokenizer_json_get(tokenizer_json_get(json, "special_tokens"), name), "ids"),
                *id;
    if (!cJSON_IsArray(ids))
        return err_set(e, ERR_FORMAT, "%s.special_tokens has no ids of the token \"%.40s\"", where,
                       name);
    cJSON_ArrayForEach(id, ids) {
        enum err_code code = put(r, id, where, e);
        if (code)
            return code;
    }
    return ERR_OK;
}

static enum err_code put_text(struct reading *r, const cJSON *sequence, const char *where,
                              struct err *e) {
    if (strcmp(tokenizer_json_text(sequence, "id"), "A") != 0 || r->behind)
        return err_set(e, ERR_UNSUPPORTED, "%s.single has more than the text once", where);
    r->behind = true;
    return ERR_OK;
}

static enum err_code add_template(struct reading *r, const cJSON *json, const char *where,
                                  struct err *e) {
    const cJSON *single = tokenizer_json_get(json, "single"), *item;
    if (!cJSON_IsArray(single))
        return err_set(e, ERR_FORMAT, "%s.single is no list", where);
    cJSON_ArrayForEach(item, single) {
        const cJSON *special = tokenizer_json_get(item, "SpecialToken"),
                    *sequence = tokenizer_json_get(item, "Sequence");
        enum err_code code;
        if (special)
            code = put_special(r, json, special, where, e);
        else
            code = put_text(r, sequence, where, e);
        if (code)
            return code;
    }
    if (!r->behind)
        return err_set(e, ERR_UNSUPPORTED, "%s.single has no text", where);
    return ERR_OK;
}

/* --- the others --- */

/* "cls" and "sep" are each a list of a piece and its id. */
static enum err_code add_pair(struct reading *r, const cJSON *json, const char *where,
                              struct err *e) {
    enum err_code code = put(r, cJSON_GetArrayItem(tokenizer_json_get(json, "cls"), 1), where, e);
    if (code)
        return code;
    r->behind = true;
    return put(r, cJSON_GetArrayItem(tokenizer_json_get(json, "sep"), 1), where, e);
}

static enum err_code add_trimming(struct reading *r, const cJSON *json, const char *where,
                                  struct err *e) {
    enum err_code code =
        tokenizer_json_flag(&r->p->trim_offsets, json, "trim_offsets", true, where, e);
    if (code)
        return code;
    return tokenizer_json_flag(&r->p->add_prefix_space, json, "add_prefix_space", true, where, e);
}

static enum err_code add_roberta(struct reading *r, const cJSON *json, const char *where,
                                 struct err *e) {
    enum err_code code = add_trimming(r, json, where, e);
    if (code)
        return code;
    return add_pair(r, json, where, e);
}

static enum err_code add(void *user, const cJSON *json, const char *where, struct err *e) {
    static const struct {
        const char *type;
        enum err_code (*add)(struct reading *r, const cJSON *json, const char *where,
                             struct err *e);
    } kinds[] = {{"TemplateProcessing", add_template},
                 {"BertProcessing", add_pair},
                 {"RobertaProcessing", add_roberta},
                 {"ByteLevel", add_trimming}};
    struct reading *r = user;
    const char *type = tokenizer_json_text(json, "type");
    r->n_before = 0;
    r->behind = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].type, type) == 0)
            return kinds[i].add(r, json, where, e);
    return err_set(e, ERR_UNSUPPORTED, "%s: post-processor \"%.40s\" is not known here", where,
                   type);
}

enum err_code post_processor_add(struct post_processor *p, const cJSON *json, int32_t n_vocabulary,
                                 const char *where, struct err *e) {
    struct reading r = {.p = p, .n_vocabulary = n_vocabulary};
    return tokenizer_json_each(json, "processors", where, add, &r, e);
}
