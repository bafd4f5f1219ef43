#include "methods/request/request_command.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* --- words of a shell --- */

static bool is_control(char c) {
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool has_control(const char *text) {
    bool any = false;
    for (; *text; text++)
        any |= is_control(*text);
    return any;
}

/* '…', a quote in it as '\''. */
static void put_quoted(struct text_buffer *b, const char *text) {
    text_buffer_puts(b, "'");
    for (const char *c = text; *c; c++)
        if (*c == '\'')
            text_buffer_puts(b, "'\\''");
        else
            text_buffer_add(b, c, 1);
    text_buffer_puts(b, "'");
}

/* $'…': three octal digits end by themselves, whatever follows. */
static void put_escaped(struct text_buffer *b, const char *text) {
    text_buffer_puts(b, "$'");
    for (const char *c = text; *c; c++)
        if (is_control(*c) || *c == '\'' || *c == '\\')
            text_buffer_format(b, "\\%03o", (unsigned)(unsigned char)*c);
        else
            text_buffer_add(b, c, 1);
    text_buffer_puts(b, "'");
}

/* The first of an option's names. */
static void put_name(struct text_buffer *b, const char *names) {
    text_buffer_puts(b, " ");
    text_buffer_add(b, names, strcspn(names, " "));
}

static void put_option(struct text_buffer *b, const char *names, const char *value) {
    if (!value || !*names)
        return;
    put_name(b, names);
    text_buffer_puts(b, "=");
    (has_control(value) ? put_escaped : put_quoted)(b, value);
}

/* --- members by their kind; false: no option says it --- */

static bool put_TEXT(struct text_buffer *b, const char *names, const void *from) {
    put_option(b, names, *(const char *const *)from);
    return true;
}

static bool put_NAMES(struct text_buffer *b, const char *names, const void *from) {
    const struct names *list = from;
    for (size_t i = 0; i < list->n; i++)
        put_option(b, names, list->items[i]);
    return true;
}

static bool put_FLAG(struct text_buffer *b, const char *names, const void *from) {
    if (*(const bool *)from)
        put_name(b, names);
    return true;
}

static bool put_POSITION(struct text_buffer *b, const char *names, const void *from) {
    const struct optional *position = from;
    if (!position->given)
        return true;
    put_name(b, names);
    text_buffer_format(b, "=%lld", (long long)position->value);
    return true;
}

static bool put_ALIGNMENT(struct text_buffer *b, const char *names, const void *from) {
    char *text = alignment_text(from);
    put_option(b, names, text);
    free(text);
    return true;
}

static bool put_SPAN(struct text_buffer *b, const char *names, const void *from) {
    const struct span *span = from;
    char *text = span_given(span) ? span_text(span) : NULL;
    put_option(b, names, text);
    put_option(b, "--span_reduce", text && span->mean ? "mean" : NULL);
    free(text);
    return true;
}

static bool put_FOIL(struct text_buffer *b, const char *names, const void *from) {
    const struct foil *f = from;
    if (!foil_given(f))
        return true;
    char *text = foil_word(f);
    put_option(b, names, text);
    const bool whole = text != NULL;
    free(text);
    return whole;
}

/* How much memory it may take changes no result. */
static bool put_BYTES(struct text_buffer *b, const char *names, const void *from) {
    (void)b, (void)names, (void)from;
    return true;
}

static bool put_NUMBER(struct text_buffer *b, const char *names, const void *from) {
    const struct optional_number *number = from;
    struct text_buffer text = {0};
    if (!number->given)
        return true;
    json_write_number(&text, number->value);
    put_option(b, names, text.text);
    text_buffer_dispose(&text);
    return true;
}

static bool put_COUNT(struct text_buffer *b, const char *names, const void *from) {
    const struct optional count = {*(const int64_t *)from > 0, *(const int64_t *)from};
    return put_POSITION(b, names, &count);
}

static const struct row {
    const char *names; /* "": it has no option of its own */
    bool (*put)(struct text_buffer *b, const char *names, const void *from);
    size_t offset;
} rows[] = {
#define CLI(group, id, names, kind, commands, value, help) names
#define NO_CLI ""
#define FIELD(kind, member, json, told, cli, form)                                                 \
    {cli, put_##kind, offsetof(struct attribute_request, member)},
#define PART(cli, form)
#include "methods/request/request.def"
#undef CLI
#undef NO_CLI
};
#define N_ROWS (sizeof rows / sizeof *rows)

/* The tokenizer's options with the languages that a request asks for. */
static char *kwargs_of(const struct attribute_request *r, const struct command_model *m) {
    struct json_document *d = NULL;
    struct err ignored;
    struct text_buffer b = {0};
    const char *given = m->tokenizer_kwargs && *m->tokenizer_kwargs ? m->tokenizer_kwargs : "{}";
    json_put_string(&b, "src_lang", r->source_language);
    json_put_string(&b, "tgt_lang", r->target_language);
    if (json_parse(&d, given, strlen(given), &ignored) == ERR_OK)
        for (const struct json_value *v = json_root(d)->first; v; v = v->next)
            if (!(json_named(v, "src_lang") && r->source_language) &&
                !(json_named(v, "tgt_lang") && r->target_language))
                json_put_member(&b, v);
    json_free(d);
    return b.n ? json_take_object(&b) : NULL;
}

/* A context attribution calls its input otherwise. */
static const char *names_of(const struct row *row, bool context) {
    return context && row->offset == offsetof(struct attribute_request, input_text)
               ? "--input_current_text"
               : row->names;
}

char *request_command(const struct attribute_request *r, const struct command_model *m) {
    struct text_buffer b = {0};
    bool good = true;
    char *kwargs = kwargs_of(r, m);
    const bool context = request_has_context(r);
    text_buffer_puts(&b, context ? "tinseq attribute-context" : "tinseq attribute");
    put_option(&b, "--model_name_or_path", m->model);
    put_option(&b, "--dtype", m->dtype);
    put_option(&b, "--tokenizer", m->tokenizer);
    put_option(&b, "--tokenizer_kwargs", kwargs);
    for (size_t i = 0; i < N_ROWS; i++)
        good &= rows[i].put(&b, names_of(&rows[i], context), (const char *)r + rows[i].offset);
    free(kwargs);
    if (good)
        return text_buffer_take(&b);
    text_buffer_dispose(&b);
    return NULL;
}
