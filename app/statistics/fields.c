#include "app/statistics/fields.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define INPUT "input_text"
#define GENERATED "generated_text"

static struct json_document *parsed(const char *json) {
    struct json_document *d = NULL;
    struct err ignored;
    const bool good = json && json_parse(&d, json, strlen(json), &ignored) == ERR_OK;
    return good ? d : NULL;
}

void stats_fields_read(struct stats_fields *out, const struct result_info *info,
                       const char *joined) {
    *out = (struct stats_fields){.info = info};
    out->own = parsed(info_text_of(&info->fields, 0));
    out->joined = parsed(joined);
}

void stats_fields_dispose(struct stats_fields *f) {
    json_free(f->own);
    json_free(f->joined);
    *f = (struct stats_fields){0};
}

static const struct json_value *member(struct json_document *d, const char *name) {
    return d ? json_get(json_root(d), name) : NULL;
}

/* Two whole numbers are a span of tokens. */
static char *span_of(const struct json_value *v) {
    int64_t from, to;
    const bool two = v->type == JSON_ARRAY && v->n_members == 2;
    if (!two || !json_integer(&from, v->first) || !json_integer(&to, v->first->next))
        return NULL;
    return mem_format("%lld:%lld", (long long)from, (long long)to);
}

static char *value_text(const struct json_value *v) {
    struct text_buffer b = {0};
    char *span = span_of(v);
    if (span)
        return span;
    if (v->type == JSON_NULL)
        return NULL;
    if (v->type == JSON_STRING)
        return mem_text_n(v->text, v->n_text);
    json_write_flat(&b, v);
    return text_buffer_take(&b);
}

char *stats_field(const struct stats_fields *f, const char *name) {
    const struct json_value *joined = member(f->joined, name), *own = member(f->own, name);
    if (joined || own)
        return value_text(joined ? joined : own);
    if (strcmp(name, INPUT) == 0)
        return mem_text(info_text_of(&f->info->input_texts, 0));
    if (strcmp(name, GENERATED) == 0)
        return mem_text(info_text_of(&f->info->generated_texts, 0));
    return NULL;
}

static void put_name(struct text_buffer *b, const char *name, size_t n) {
    text_buffer_puts(b, b->n ? ", " : "");
    text_buffer_add(b, name, n);
}

static void put_names(struct text_buffer *b, struct json_document *d) {
    for (const struct json_value *v = d ? json_root(d)->first : NULL; v; v = v->next)
        put_name(b, v->key, v->n_key);
}

char *stats_field_names(const struct stats_fields *f) {
    struct text_buffer b = {0};
    put_names(&b, f->joined);
    put_names(&b, f->own);
    put_name(&b, INPUT, strlen(INPUT));
    put_name(&b, GENERATED, strlen(GENERATED));
    return text_buffer_take(&b);
}
