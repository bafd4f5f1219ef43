#include "app/dataset/json_rows.h"

#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

#define MOST_FIELDS 4096

static bool is_blank(int c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void tell(struct json_row *r, char *problem) {
    if (r->problem)
        free(problem);
    else
        r->problem = problem;
}

static void add(struct json_row *r, int c, size_t most) {
    const char byte = (char)c;
    if (r->text.n < most)
        text_buffer_add(&r->text, &byte, 1);
    else
        tell(r, mem_format("it has more than %zu bytes", most));
}

static void skip_blanks(struct json_row *r, struct data_bytes *in) {
    const int64_t line = data_bytes_line(in);
    while (is_blank(data_bytes_peek(in)))
        (void)data_bytes_take(in);
    /* A line's end that ended a row was taken with it. */
    if (!r->list && data_bytes_peek(in) >= 0)
        r->n_blank += data_bytes_line(in) - line;
}

static void read_line(struct json_row *r, struct data_bytes *in, size_t most) {
    for (int c; (c = data_bytes_take(in)) >= 0 && c != '\n';)
        add(r, c, most);
    while (r->text.n && is_blank(r->text.text[r->text.n - 1]))
        r->text.text[--r->text.n] = '\0';
}

/* Up to the comma or bracket behind a list's item. */
static void read_item(struct json_row *r, struct data_bytes *in, size_t most) {
    int64_t depth = 0;
    bool quoted = false, escaped = false;
    for (int c; (c = data_bytes_peek(in)) >= 0;) {
        if (!quoted && depth == 0 && (c == ',' || c == ']'))
            return;
        (void)data_bytes_take(in);
        add(r, c, most);
        if (!quoted)
            depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (c == '"' && !escaped)
            quoted = !quoted;
        escaped = quoted && c == '\\' && !escaped;
    }
    if (quoted || depth != 0)
        tell(r, mem_text("the file ends within it"));
}

/* Between a list's items, and behind its last; false: it is at its end. */
static bool next_item(struct json_row *r, struct data_bytes *in, bool first) {
    skip_blanks(r, in);
    if (data_bytes_peek(in) < 0) {
        r->line = data_bytes_line(in);
        r->ended = true;
        tell(r, mem_text("the file ends before the list does"));
        return true;
    }
    if (!first && data_bytes_peek(in) == ',') {
        (void)data_bytes_take(in);
        skip_blanks(r, in);
        return true;
    }
    if (data_bytes_peek(in) != ']')
        return true;
    (void)data_bytes_take(in);
    skip_blanks(r, in);
    r->ended = true;
    if (data_bytes_peek(in) < 0)
        return false;
    r->line = data_bytes_line(in);
    tell(r, mem_text("something stands behind the list's end, and is not read"));
    return true;
}

static void check_names(struct json_row *r, const struct json_value *object) {
    if (object->n_members > MOST_FIELDS) {
        tell(r, mem_format("it has more than %d fields", MOST_FIELDS));
        return;
    }
    for (const struct json_value *v = object->first; v && !r->problem; v = v->next)
        for (const struct json_value *w = object->first; w != v; w = w->next)
            if (v->n_key == w->n_key && memcmp(v->key, w->key, v->n_key) == 0) {
                tell(r, mem_format("it has the field \"%.*s\" twice", (int)v->n_key, v->key));
                return;
            }
}

static void parse(struct json_row *r) {
    const char *text = r->text.text ? r->text.text : "";
    struct err e;
    size_t at;
    if (!text_valid_utf8(text, r->text.n, &at)) {
        tell(r, mem_format("it is not UTF-8 (at byte %zu)", at));
    } else if (json_holds_nul(text, r->text.n)) {
        tell(r, mem_text("a text in it has a NUL"));
    } else if (json_parse(&r->document, text, r->text.n, &e)) {
        r->document = NULL;
        tell(r, mem_format("it is no JSON: %s", e.message));
    } else if (json_root(r->document)->type != JSON_OBJECT) {
        tell(r, mem_text("it is no object {\"field\": …}"));
    } else if (json_replaced(r->document)) {
        tell(r, mem_text("a text in it has half of a character (a lone surrogate)"));
    } else {
        check_names(r, json_root(r->document));
    }
}

static void forget(struct json_row *r) {
    json_free(r->document);
    r->document = NULL;
    mem_replace(&r->problem, NULL);
    r->text.n = 0;
}

bool json_row_next(struct json_row *r, struct data_bytes *in, size_t most) {
    forget(r);
    if (r->ended)
        return false;
    skip_blanks(r, in);
    const bool first = !r->begun;
    r->begun = true;
    if (first && data_bytes_peek(in) == '[') {
        (void)data_bytes_take(in);
        r->list = true;
    }
    if (r->list && !next_item(r, in, first))
        return false;
    if (r->problem)
        return true;
    if (data_bytes_peek(in) < 0)
        return false;
    r->line = data_bytes_line(in);
    if (r->list)
        read_item(r, in, most);
    else
        read_line(r, in, most);
    if (!r->problem)
        parse(r);
    return true;
}

void json_row_dispose(struct json_row *r) {
    forget(r);
    text_buffer_dispose(&r->text);
    *r = (struct json_row){0};
}
