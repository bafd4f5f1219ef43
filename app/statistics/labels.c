#include "app/statistics/labels.h"

#include "app/statistics/roles.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

/* A token as tables have it. */
static char *token_label(const struct token_list *list, int64_t i) {
    return mem_text(i < (int64_t)list->n ? list->items[i].printable : "?");
}

/* Its text without blanks around it; a token of blanks alone stays as tables have it. */
static char *word_label(const struct token_list *list, int64_t i) {
    if (i >= (int64_t)list->n || list->items[i].special)
        return token_label(list, i);
    const struct token *t = &list->items[i];
    const char *from = t->bytes, *to = t->bytes + t->n_bytes;
    while (from < to && strchr(" \t\r\n", *from))
        from++;
    while (from < to && strchr(" \t\r\n", to[-1]))
        to--;
    return from < to ? text_sanitise(from, (size_t)(to - from), false) : token_label(list, i);
}

static char *role_label(const struct stats_view *v, int64_t i) {
    const struct partition *made = v->target ? &v->text->made.target : &v->text->made.source;
    struct token_span of = {i, i + 1};
    if (i < (int64_t)made->n)
        of = made->items[i];
    return mem_text(stats_role_of(v->text, v->target, of.from, of.to));
}

static char *number_label(int64_t number) {
    return mem_format("%lld", (long long)number);
}

/* The i-th of what a method's option `layers` asked for: 3, [1, 4], "2:6". */
static int64_t layer_number(const struct json_value *v, int64_t i) {
    int64_t number = i;
    if (v->type == JSON_ARRAY) {
        const struct json_value *item = v->first;
        for (int64_t k = 0; item && k < i; k++)
            item = item->next;
        return item && json_integer(&number, item) ? number : i;
    }
    if (v->type == JSON_STRING && memchr(v->text, ':', v->n_text)) {
        char *text = mem_text_n(v->text, v->n_text);
        number = i + strtol(text, NULL, 10);
        free(text);
        return number;
    }
    return json_integer(&number, v) ? number : i;
}

static char *layer_label(const struct stats_view *v, int64_t i) {
    const struct info_values *options = &v->text->result->info.method_args.options;
    int64_t number = i;
    for (size_t k = 0; k < options->n; k++) {
        struct json_document *d = NULL;
        struct err ignored;
        const char *json = options->items[k].json;
        if (strcmp(options->items[k].key, "layers") == 0 &&
            json_parse(&d, json, strlen(json), &ignored) == ERR_OK)
            number = layer_number(json_root(d), i);
        json_free(d);
    }
    return number_label(number);
}

static char *said(const char *text) {
    return mem_text(text ? text : "not said");
}

char *stats_label(const struct stats_view *v, const struct stats_by *by, int64_t i) {
    switch (by->id) {
    case STATS_KEY_TOKEN:
        return token_label(v->rows, i);
    case STATS_KEY_WORD:
    case STATS_KEY_UNIT:
        return word_label(v->rows, i);
    case STATS_KEY_ROLE:
        return role_label(v, i);
    case STATS_KEY_POSITION:
    case STATS_KEY_STEP:
    case STATS_KEY_HEAD:
        return number_label(i);
    case STATS_KEY_SIDE:
        return mem_text(v->target ? "target" : "source");
    case STATS_KEY_OUTPUT:
        return token_label(v->columns, v->first + i);
    case STATS_KEY_LAYER:
        return layer_label(v, i);
    case STATS_KEY_TEXT:
        return number_label((int64_t)v->text->number);
    case STATS_KEY_FILE:
        return mem_text(v->text->file);
    case STATS_KEY_METHOD:
        return said(v->text->result->info.method);
    case STATS_KEY_MODEL:
        return said(v->text->result->info.model_name);
    case STATS_FIELD:
        break;
    }
    return stats_field(&v->text->fields, by->field);
}
