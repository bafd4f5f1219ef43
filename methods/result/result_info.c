#include "methods/result/result_info.h"

#include "methods/result/info_kinds.h"

#include <stdlib.h>
#include <string.h>

#define KIND_NUMBER &info_kind_number
#define KIND_FLAG &info_kind_flag
#define KIND_FUNCTION &info_kind_function
#define KIND_ARGUMENTS &info_kind_arguments
#define KIND_TEXT &info_kind_text
#define KIND_TEXTS &info_kind_texts
#define KIND_SECONDS &info_kind_seconds
#define KIND_JSON &info_kind_json
#define KIND_JSONS &info_kind_jsons

static const struct row {
    const struct info_kind *kind;
    const char *key;
    size_t offset;
    bool own; /* of "tinseq" */
} rows[] = {
#define INSEQ(kind, member, key) {KIND_##kind, key, offsetof(struct result_info, member), false},
#define OWN(kind, member, key) {KIND_##kind, key, offsetof(struct result_info, member), true},
#include "methods/result/result_info.def"
};
#define N_ROWS (sizeof rows / sizeof *rows)

static void *member_of(struct result_info *info, const struct row *row) {
    return (char *)info + row->offset;
}

void result_info_dispose(struct result_info *info) {
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].kind->dispose)
            rows[i].kind->dispose(member_of(info, &rows[i]));
    info_values_dispose(&info->others);
    info_values_dispose(&info->own_others);
    *info = (struct result_info){0};
}

struct result_info result_info_copy(const struct result_info *from) {
    struct result_info copy = *from;
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].kind->own)
            rows[i].kind->own(member_of(&copy, &rows[i]));
    info_values_own(&copy.others);
    info_values_own(&copy.own_others);
    return copy;
}

/* --- reading --- */

static const struct row *find_row(const struct json_value *v, bool own) {
    for (size_t i = 0; i < N_ROWS; i++)
        if (rows[i].own == own && json_named(v, rows[i].key))
            return &rows[i];
    return NULL;
}

static bool read_member(struct result_info *out, const struct json_value *v, bool own) {
    const struct row *row = find_row(v, own);
    struct err ignored;
    bool known = false;
    if (row)
        return row->kind->read(member_of(out, row), v);
    return own && span_read(&out->span, v, &known, &ignored) == ERR_OK && known;
}

static void read_own(struct result_info *out, const struct json_value *object) {
    for (const struct json_value *v = object->first; v; v = v->next)
        if (!read_member(out, v, true))
            info_values_keep(&out->own_others, v);
}

void result_info_read(struct result_info *out, const struct json_value *object) {
    *out = (struct result_info){0};
    if (!object || object->type != JSON_OBJECT)
        return;
    for (const struct json_value *v = object->first; v; v = v->next) {
        if (json_named(v, "tinseq") && v->type == JSON_OBJECT)
            read_own(out, v);
        else if (!read_member(out, v, false))
            info_values_keep(&out->others, v);
    }
}

/* --- printing --- */

static int by_key(const void *a, const void *b) {
    return strcmp(((const struct info_value *)a)->key, ((const struct info_value *)b)->key);
}

/* The members of one of the two objects. */
static struct info_values values_of(const struct result_info *info, bool own) {
    struct info_values all = own ? info->own_others : info->others;
    info_values_own(&all);
    for (size_t i = 0; i < N_ROWS; i++) {
        struct text_buffer json = {0};
        if (rows[i].own == own && rows[i].kind->write(&json, (const char *)info + rows[i].offset))
            info_values_put(&all, rows[i].key, json.text);
        text_buffer_dispose(&json);
    }
    return all;
}

/* The object "tinseq", owned by the caller; NULL: it would be empty. */
static char *own_text(const struct result_info *info) {
    struct info_values values = values_of(info, true);
    struct text_buffer b = {0};
    span_write(&b, &info->span);
    for (size_t i = 0; i < values.n; i++)
        json_put_value(&b, values.items[i].key, values.items[i].json);
    info_values_dispose(&values);
    return b.n ? json_take_object(&b) : NULL;
}

struct info_values result_info_values(const struct result_info *info) {
    struct info_values all = values_of(info, false);
    char *own = own_text(info);
    if (own)
        info_values_put(&all, "tinseq", own);
    free(own);
    if (all.n)
        qsort(all.items, all.n, sizeof *all.items, by_key);
    return all;
}

char *result_info_text(const struct result_info *info) {
    struct info_values all = result_info_values(info);
    struct text_buffer b = {0};
    info_values_write(&b, &all);
    info_values_dispose(&all);
    return text_buffer_take(&b);
}
