#include "app/jobs/row_roles.h"

#include "backend/base/json.h"
#include "backend/base/mem.h"
#include "methods/evaluation/rationale.h"

#include <stdlib.h>
#include <string.h>

#define GENERATED "generated"

void row_roles_dispose(struct row_roles *r) {
    for (size_t i = 0; i < r->n; i++)
        free(r->labels[i]);
    free(r->labels);
    *r = (struct row_roles){0};
}

const char *row_role(const struct row_roles *r, bool target, size_t i) {
    return target == r->target && i < r->n ? r->labels[i] : GENERATED;
}

static const char *usual(const struct token_list *rows, size_t i, size_t first, size_t last,
                         size_t n_read) {
    if (i >= n_read)
        return GENERATED;
    if (rows->items[i].special)
        return "special";
    if (i == last)
        return "last";
    return i == first ? "first" : "other";
}

/* The first and the last token that is no special one. */
static void find_ends(size_t *first, size_t *last, const struct token_list *rows, size_t n) {
    *first = 0;
    *last = n ? n - 1 : 0;
    while (*first < *last && rows->items[*first].special)
        ++*first;
    while (*last > *first && rows->items[*last].special)
        --*last;
}

static void begin(struct row_roles *r, const struct attribution_sequence *s) {
    r->target = !s->source_attributions.data;
    const struct token_list *rows = r->target ? &s->target : &s->source;
    const size_t read = r->target && s->attr_pos_start >= 0 ? (size_t)s->attr_pos_start : rows->n;
    const size_t n = read < rows->n ? read : rows->n;
    size_t first, last;
    find_ends(&first, &last, rows, n);
    r->n = rows->n;
    r->labels = mem_alloc((r->n + 1) * sizeof *r->labels);
    for (size_t i = 0; i < r->n; i++)
        r->labels[i] = mem_text(usual(rows, i, first, last, n));
}

/* A field's text, owned by the caller; NULL: there is none that could stand in a prompt. */
static char *field_text(const struct json_value *fields, const char *name) {
    const struct json_value *v = json_get(fields, name);
    const bool text = v && v->type == JSON_STRING && v->n_text && !memchr(v->text, '|', v->n_text);
    return text ? mem_text_n(v->text, v->n_text) : NULL;
}

bool row_roles_put(struct row_roles *r, size_t from, size_t to, const char *name) {
    bool any = false;
    for (size_t i = from; i < to && i < r->n; i++) {
        const char *part = i == from ? "first" : "middle";
        if (i + 1 == to)
            part = "last";
        if (strcmp(r->labels[i], "last") == 0)
            continue;
        mem_replace(&r->labels[i], mem_format("%s %s", name, part));
        any = true;
    }
    return any;
}

/* False: it does not stand there. */
static bool find_field(struct row_roles *r, const struct attribution *a, const char *name,
                       const char *text) {
    struct rationale marks = {0};
    struct err ignored;
    char *mark = mem_format("text:%s", text);
    const enum err_code code = rationale_read(
        &marks, a->sequences, info_text_of(&a->info.input_texts, 0), mark, name, &ignored);
    size_t from = 0, to;
    while (!code && from < marks.n_rows && !marks.marked[from])
        from++;
    for (to = from; !code && to < marks.n_rows && marks.marked[to];)
        to++;
    if (!code)
        (void)row_roles_put(r, from, to, name);
    rationale_dispose(&marks);
    free(mark);
    return !code && to > from;
}

static void put_fields(struct row_roles *r, const struct attribution *a, const char *const *names,
                       size_t n) {
    const char *object = info_text_of(&a->info.fields, 0);
    struct json_document *d;
    struct err ignored;
    if (!object || json_parse(&d, object, strlen(object), &ignored) != ERR_OK) {
        r->n_absent = n;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        char *text = field_text(json_root(d), names[i]);
        if (!text || !find_field(r, a, names[i], text))
            r->n_absent++;
        free(text);
    }
    json_free(d);
}

void row_roles_make(struct row_roles *out, const struct attribution *a, const char *const *fields,
                    size_t n_fields) {
    *out = (struct row_roles){0};
    begin(out, a->sequences);
    if (n_fields)
        put_fields(out, a, fields, n_fields);
}
