#include "methods/context/documents.h"

#include "backend/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIELD "{document_"

void document_layout_dispose(struct document_layout *l) {
    free(l->context);
    free(l->input_template);
    free(l->contextless_input);
    free(l->ranges);
    *l = (struct document_layout){0};
}

void document_layout_lend(struct context_request *r, const struct document_layout *l) {
    r->input_context = l->context;
    r->input_template = l->input_template;
    r->contextless_input = l->contextless_input;
    r->documents = l->ranges;
    r->n_documents = l->n;
}

/* --- templates ---------------------------------------------------------------------------- */

/* The next placeholder or brace of a template from `at` on: its place, NULL at the end. */
static const char *next_brace(const char *at) {
    at += strcspn(at, "{}");
    return *at ? at : NULL;
}

static bool is_escaped(const char *at) {
    return at[0] == at[1];
}

/* Whether "{NAME}" stands at `at`. */
static bool is_field(const char *at, const char *name) {
    const size_t n = strlen(name);
    return at[0] == '{' && strncmp(at + 1, name, n) == 0 && at[n + 1] == '}';
}

/* How many bytes of {document_N} stand at `at`, and its number; 0: it is none. */
static size_t document_field(int64_t *number, const char *at) {
    char *end;
    if (strncmp(at, FIELD, strlen(FIELD)) != 0 || at[strlen(FIELD)] < '0' ||
        at[strlen(FIELD)] > '9')
        return 0;
    errno = 0;
    *number = strtoll(at + strlen(FIELD), &end, 10);
    if (errno)
        *number = INT64_MAX;
    return *end == '}' ? (size_t)(end + 1 - at) : 0;
}

/* --- one behind another ------------------------------------------------------------------- */

/* Appends a document by its template. */
static enum err_code put_document(struct text_buffer *b, const char *template,
                                  const struct document *d, size_t i, struct err *e) {
    for (const char *at = template, *next; *at; at = next) {
        const char *brace = next_brace(at);
        text_buffer_add(b, at, brace ? (size_t)(brace - at) : strlen(at));
        if (!brace)
            break;
        next = strchr(brace, '}') ? strchr(brace, '}') + 1 : "";
        if (is_escaped(brace)) {
            text_buffer_add(b, brace, 1);
            next = brace + 2;
        } else if (is_field(brace, "number")) {
            text_buffer_format(b, "%zu", i + 1);
        } else if (is_field(brace, "name")) {
            text_buffer_puts(b, d->name);
        } else if (is_field(brace, "text")) {
            text_buffer_puts(b, d->text);
        } else {
            return err_set(e, ERR_USAGE,
                           "--document_template: at \"%.40s\": a template may have {number}, "
                           "{name} and {text}; braces of its own are {{ and }}",
                           brace);
        }
    }
    return ERR_OK;
}

static enum err_code lay_behind(struct document_layout *out, const struct documents *d,
                                const char *template, struct err *e) {
    struct text_buffer b = {0};
    enum err_code code = ERR_OK;
    if (!strstr(template, "{text}"))
        return err_set(e, ERR_USAGE, "--document_template lacks {text}: \"%.100s\"", template);
    for (size_t i = 0; i < d->n && !code; i++) {
        const size_t from = b.n;
        code = put_document(&b, template, &d->items[i], i, e);
        out->ranges[i] = (struct context_range){true, from, b.n};
    }
    out->context = text_buffer_take(&b);
    return code;
}

/* --- where a template has them ------------------------------------------------------------- */

/* The first and the end of the last of a template's documents; NULL: it has none. */
struct placed {
    const char *first, *end;
};

static struct placed find_placed(const char *template) {
    struct placed p = {0};
    int64_t number;
    for (const char *at = template; (at = next_brace(at));) {
        const size_t n = is_escaped(at) ? 0 : document_field(&number, at);
        if (n && !p.first)
            p.first = at;
        if (n)
            p.end = at + n;
        at += is_escaped(at) ? 2 : 1;
    }
    return p;
}

static enum err_code put_placed(struct document_layout *out, struct text_buffer *b,
                                const struct documents *d, int64_t number, struct err *e) {
    if (number < 1 || (uint64_t)number > d->n)
        return err_set(e, ERR_USAGE,
                       "--input_template has {document_%lld}, and there are %zu documents "
                       "(--document)",
                       (long long)number, d->n);
    struct context_range *range = &out->ranges[number - 1];
    if (range->given)
        return err_set(e, ERR_USAGE, "--input_template has {document_%lld} twice",
                       (long long)number);
    range->given = true;
    range->from = b->n;
    text_buffer_puts(b, d->items[number - 1].text);
    range->to = b->n;
    return ERR_OK;
}

/* Appends the part of the template that is the context. */
static enum err_code put_part(struct document_layout *out, struct text_buffer *b,
                              const struct documents *d, const struct placed *p, struct err *e) {
    enum err_code code = ERR_OK;
    int64_t number;
    for (const char *at = p->first; at < p->end && !code;) {
        const size_t plain = strcspn(at, "{}"), left = (size_t)(p->end - at);
        text_buffer_add(b, at, plain < left ? plain : left);
        at += plain;
        const size_t n = at < p->end ? document_field(&number, at) : 0;
        if (n)
            code = put_placed(out, b, d, number, e);
        else if (at < p->end && is_escaped(at))
            text_buffer_add(b, at, 1);
        else if (at < p->end)
            code = err_set(e, ERR_USAGE,
                           "--input_template: between the documents, at \"%.40s\": there may be "
                           "words and documents; {current} stands before or behind them all",
                           at);
        at += n ? n : 2;
    }
    return code;
}

/* All documents in their template's order: ranges ascend as the numbers do. */
static enum err_code check_placed(const struct document_layout *l, struct err *e) {
    for (size_t i = 0; i < l->n; i++) {
        if (!l->ranges[i].given)
            return err_set(e, ERR_USAGE,
                           "--input_template has no {document_%zu}, and there are %zu documents",
                           i + 1, l->n);
        if (i && l->ranges[i].from < l->ranges[i - 1].to)
            return err_set(e, ERR_USAGE,
                           "--input_template: {document_%zu} stands before {document_%zu}: number "
                           "the documents in the order of the template",
                           i + 1, i);
    }
    return ERR_OK;
}

static enum err_code lay_placed(struct document_layout *out, const struct documents *d,
                                const char *template, const struct placed *p, struct err *e) {
    struct text_buffer b = {0};
    if (strstr(template, "{context}"))
        return err_set(e, ERR_USAGE,
                       "--input_template has {context} and {document_1}: the documents are the "
                       "context");
    enum err_code code = put_part(out, &b, d, p, e);
    out->context = text_buffer_take(&b);
    if (code)
        return code;
    out->input_template =
        mem_format("%.*s{context}%s", (int)(p->first - template), template, p->end);
    return check_placed(out, e);
}

/* --- the whole ---------------------------------------------------------------------------- */

static enum err_code check_texts(const struct documents *d, struct err *e) {
    for (size_t i = 0; i < d->n; i++)
        if (!d->items[i].text[strspn(d->items[i].text, " \t\r\n\v\f")])
            return err_set(e, ERR_USAGE, "document %zu (%.80s) is empty", i + 1, d->items[i].name);
    return ERR_OK;
}

/* A template without its context. */
static char *without_context(const char *template) {
    const char *at = strstr(template, "{context}");
    return at ? mem_format("%.*s%s", (int)(at - template), template, at + strlen("{context}"))
              : mem_text(template);
}

enum err_code document_layout_make(struct document_layout *out, const struct documents *documents,
                                   const char *document_template, const char *input_template,
                                   const char *contextless, struct err *e) {
    const char *template = input_template ? input_template : "{context}{current}",
               *each = document_template ? document_template : DOCUMENT_TEMPLATE;
    const struct placed placed = find_placed(template);
    *out = (struct document_layout){.n = documents->n};
    out->ranges = mem_alloc(documents->n * sizeof *out->ranges);
    enum err_code code = check_texts(documents, e);
    if (code)
        goto out;
    if (placed.first && document_template)
        code = err_set(e, ERR_USAGE,
                       "--document_template is of documents that --input_template does not place, "
                       "and it has {document_1}");
    else if (placed.first)
        code = lay_placed(out, documents, template, &placed, e);
    else
        code = lay_behind(out, documents, each, e);
    if (code)
        goto out;
    if (!out->input_template)
        out->input_template = mem_text(template);
    out->contextless_input =
        contextless ? mem_text(contextless) : without_context(out->input_template);
out:
    if (code)
        document_layout_dispose(out);
    return code;
}
