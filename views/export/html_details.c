#include "views/export/html_details.h"

#include "backend/base/text.h"
#include "methods/result/join.h"

#include <stdlib.h>
#include <string.h>

#define MOST_VALUE_BYTES 2000
#define MOST_COMMANDS 50 /* of as many texts */

void html_text(struct text_buffer *b, const char *s, size_t n, bool marks) {
    char *shown = text_sanitise(s, n, marks);
    for (const char *at = shown; *at; at++) {
        switch (*at) {
        case '&':
            text_buffer_puts(b, "&amp;");
            break;
        case '<':
            text_buffer_puts(b, "&lt;");
            break;
        case '>':
            text_buffer_puts(b, "&gt;");
            break;
        case '"':
            text_buffer_puts(b, "&quot;");
            break;
        case '\'':
            text_buffer_puts(b, "&#39;");
            break;
        default:
            text_buffer_add(b, at, 1);
        }
    }
    free(shown);
}

/* A JSON string's text, owned by the caller; other values as they are written. */
static char *value_text(const char *json) {
    struct json_document *d;
    struct err ignored;
    if (json_parse(&d, json, strlen(json), &ignored) != ERR_OK)
        return mem_text(json);
    const struct json_value *v = json_root(d);
    char *text = v->type == JSON_STRING ? mem_text_n(v->text, v->n_text) : mem_text(json);
    json_free(d);
    return text;
}

static void put_value(struct text_buffer *b, const char *json) {
    char *value = value_text(json);
    const size_t n = strlen(value);
    html_text(b, value, n < MOST_VALUE_BYTES ? n : MOST_VALUE_BYTES, false);
    if (n > MOST_VALUE_BYTES)
        text_buffer_format(b, " … (%zu bytes more; the saved JSON has them)", n - MOST_VALUE_BYTES);
    free(value);
}

void html_details(struct text_buffer *b, const struct result_info *info, const char *function) {
    struct result_info told = *info; /* refers to the result's own */
    told.function = (struct info_function){.id = (char *)function};
    told.model_path = NULL;
    told.commands = (struct info_texts){0};
    struct info_values all = result_info_values(&told);
    text_buffer_puts(b, "<details><summary>How this was computed</summary><dl>\n");
    for (size_t i = 0; i < all.n; i++) {
        const char *key = all.items[i].key;
        if (strcmp(key, "input_texts") == 0 || strcmp(key, "generated_texts") == 0)
            continue;
        text_buffer_puts(b, "<dt>");
        html_text(b, key, strlen(key), false);
        text_buffer_puts(b, "</dt><dd>");
        put_value(b, all.items[i].json);
        text_buffer_puts(b, "</dd>\n");
    }
    for (size_t i = 0; i < info->commands.n && i < MOST_COMMANDS; i++) {
        const char *command = info_text_of(&info->commands, i);
        if (!command)
            continue;
        text_buffer_puts(b, "<dt>command</dt><dd><code>");
        html_text(b, command, strlen(command), false);
        text_buffer_puts(b, "</code></dd>\n");
    }
    text_buffer_puts(b, "</dl></details>\n");
    info_values_dispose(&all);
}
