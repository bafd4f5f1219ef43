#include "methods/evaluation/rationale.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define CHARACTERS "chars:"
#define WORDS "text:"
#define GENERATED "generated:"

/* A text and where its tokens stand in it. */
struct marking {
    struct rationale *to;
    const char *name; /* "input" */
    char *text;       /* owned, of n bytes */
    size_t n;
    struct token_place *places; /* [to->n_rows] */
    const char *given;          /* what the marks were given by */
};

/* Bytes [from, to), or tokens. */
struct range {
    size_t from, to;
};

static enum err_code fail(const struct marking *m, const char *mark, size_t n, const char *why,
                          struct err *e) {
    char *clean = text_sanitise(mark, n, false);
    const enum err_code code = err_set(e, ERR_USAGE, "%s: \"%.80s\" %s", m->given, clean, why);
    free(clean);
    return code;
}

/* --- places in the text ------------------------------------------------------------------ */

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Without the blanks at both ends. */
static struct range trimmed(const char *text, struct range r) {
    while (r.from < r.to && is_blank(text[r.from]))
        r.from++;
    while (r.from < r.to && is_blank(text[r.to - 1]))
        r.to--;
    return r;
}

/* Whether the character at a byte belongs to a word. */
static bool in_word(const char *text, size_t n, size_t at) {
    utf8proc_int32_t c = -1;
    const utf8proc_ssize_t got =
        utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(n - at), &c);
    if (got <= 0)
        return false;
    const utf8proc_category_t kind = utf8proc_category(c);
    return kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_NO;
}

/* The first byte of the character before `at`. */
static size_t before(const char *text, size_t at) {
    for (at--; at > 0 && ((unsigned char)text[at] & 0xC0) == 0x80;)
        at--;
    return at;
}

static bool stands_alone(const struct marking *m, struct range r) {
    const bool opens = r.from == 0 || !in_word(m->text, m->n, before(m->text, r.from)) ||
                       !in_word(m->text, m->n, r.from),
               closes = r.to == m->n || !in_word(m->text, m->n, r.to) ||
                        !in_word(m->text, m->n, before(m->text, r.to));
    return opens && closes;
}

static size_t mark_token(struct rationale *r, size_t i) {
    if (r->counted[i])
        r->marked[i] = true;
    return r->counted[i];
}

static size_t mark_bytes(struct marking *m, struct range r) {
    size_t n = 0;
    for (size_t i = 0; i < m->to->n_rows && r.from < r.to; i++)
        if (m->places[i].known && m->places[i].from < r.to && r.from < m->places[i].to)
            n += mark_token(m->to, i);
    return n;
}

/* How many tokens the words are, wherever they stand. */
static size_t mark_words(struct marking *m, const char *words, size_t n, bool alone) {
    size_t found = 0;
    for (size_t at = 0; n && at + n <= m->n; at++) {
        const struct range r = {at, at + n};
        if (memcmp(m->text + at, words, n) == 0 && (!alone || stands_alone(m, r)))
            found += mark_bytes(m, r);
    }
    return found;
}

/* The byte of a character; n + 1: there are not so many. */
static size_t byte_of(const struct marking *m, size_t character) {
    size_t at = 0;
    for (; character > 0 && at < m->n; character--)
        for (at++; at < m->n && ((unsigned char)m->text[at] & 0xC0) == 0x80;)
            at++;
    return character ? m->n + 1 : at;
}

/* --- marks ------------------------------------------------------------------------------- */

/* "A:B" in n bytes. */
static bool read_span(struct range *out, const char *mark, size_t n) {
    size_t *to = &out->from;
    size_t digits = 0, colons = 0;
    *out = (struct range){0};
    for (size_t i = 0; i < n; i++) {
        if (mark[i] == ':' && digits && !colons) {
            to = &out->to;
            colons++;
            digits = 0;
        } else if (mark[i] >= '0' && mark[i] <= '9' && digits < 9) {
            *to = *to * 10 + (size_t)(mark[i] - '0');
            digits++;
        } else
            return false;
    }
    return colons && digits;
}

static enum err_code mark_tokens(struct marking *m, struct range r, const char *mark, size_t n,
                                 struct err *e) {
    const size_t first = m->to->first;
    size_t found = 0;
    if (r.from >= r.to || r.from < first || r.to > first + m->to->n_rows) {
        char *why = mem_format("is no span of the %s's %zu tokens", m->name, m->to->n_rows);
        const enum err_code code = fail(m, mark, n, why, e);
        free(why);
        return code;
    }
    for (size_t i = r.from; i < r.to; i++)
        found += mark_token(m->to, i - first);
    return found ? ERR_OK : fail(m, mark, n, "marks only special tokens", e);
}

/* "is not in the input" */
static enum err_code fail_in(const struct marking *m, const char *mark, size_t n, const char *what,
                             const char *behind, struct err *e) {
    char *why = mem_format("%s the %s%s", what, m->name, behind);
    const enum err_code code = fail(m, mark, n, why, e);
    free(why);
    return code;
}

static enum err_code mark_characters(struct marking *m, const char *mark, size_t n, struct err *e) {
    const size_t prefix = strlen(CHARACTERS);
    struct range r;
    if (!read_span(&r, mark + prefix, n - prefix))
        return fail(m, mark, n, "is not " CHARACTERS "A:B", e);
    r = (struct range){byte_of(m, r.from), byte_of(m, r.to)};
    if (r.from >= r.to || r.to > m->n)
        return fail_in(m, mark, n, "is no span of", "'s characters", e);
    if (!mark_bytes(m, trimmed(m->text, r)))
        return fail(m, mark, n, "marks no token", e);
    return ERR_OK;
}

static bool begins(const char *mark, size_t n, const char *prefix) {
    return n >= strlen(prefix) && memcmp(mark, prefix, strlen(prefix)) == 0;
}

static enum err_code add_mark(struct marking *m, const char *mark, size_t n, struct err *e) {
    const size_t skipped = begins(mark, n, WORDS) ? strlen(WORDS) : 0;
    struct range span;
    if (begins(mark, n, CHARACTERS))
        return mark_characters(m, mark, n, e);
    if (read_span(&span, mark, n))
        return mark_tokens(m, span, mark, n, e);
    if (!mark_words(m, mark + skipped, n - skipped, true) &&
        !mark_words(m, mark + skipped, n - skipped, false))
        return fail_in(m, mark, n, "is not in", ", or no token of it", e);
    return ERR_OK;
}

/* The next of some marks, without blanks; *at is behind it, NULL at the end. */
static struct range next_mark(const char **at, const char *marks) {
    const size_t from = (size_t)(*at - marks), n = strcspn(*at, "|");
    *at = (*at)[n] ? *at + n + 1 : NULL;
    return trimmed(marks, (struct range){from, from + n});
}

/* Marks of one of both texts; those that are empty are passed over. */
static enum err_code add_marks(struct marking *m, const char *marks, bool of_output,
                               struct err *e) {
    enum err_code code = ERR_OK;
    for (const char *at = marks; at && !code;) {
        struct range r = next_mark(&at, marks);
        if (begins(marks + r.from, r.to - r.from, GENERATED) != of_output)
            continue;
        r.from += of_output ? strlen(GENERATED) : 0;
        if (r.from < r.to)
            code = add_mark(m, marks + r.from, r.to - r.from, e);
    }
    return code;
}

static bool marks_output(const char *marks) {
    bool any = false;
    for (const char *at = marks; at;) {
        const struct range r = next_mark(&at, marks);
        any |= begins(marks + r.from, r.to - r.from, GENERATED);
    }
    return any;
}

/* --- a text ------------------------------------------------------------------------------ */

static char *text_of(size_t *n, const struct token_list *rows, const char *given) {
    struct text_buffer b = {0};
    text_buffer_puts(&b, given ? given : "");
    for (size_t i = 0; !given && i < rows->n; i++)
        if (!rows->items[i].special)
            text_buffer_add(&b, rows->items[i].bytes, rows->items[i].n_bytes);
    *n = b.n;
    return b.n ? text_buffer_take(&b) : mem_text("");
}

static void count_rows(struct rationale *r, const struct token_list *rows) {
    r->n_rows = rows->n;
    r->counted = mem_alloc(rows->n + 1);
    r->marked = mem_alloc(rows->n + 1);
    for (size_t i = 0; i < rows->n; i++) {
        r->counted[i] = !rows->items[i].special || token_is_unknown(&rows->items[i]);
        r->n_counted += r->counted[i];
    }
}

/* What is marked in one of both texts. text: NULL: its tokens' own. */
static enum err_code read_rows(struct rationale *to, const struct token_list *rows,
                               struct marking m, const char *text, const char *marks,
                               bool of_output, struct err *e) {
    m.to = to;
    m.places = mem_alloc((rows->n + 1) * sizeof *m.places);
    m.text = text_of(&m.n, rows, text);
    count_rows(to, rows);
    token_places(m.places, rows, m.text, m.n);
    const enum err_code code = add_marks(&m, marks, of_output, e);
    for (size_t i = 0; i < rows->n; i++)
        to->n_marked += to->marked[i];
    free(m.text);
    free(m.places);
    return code;
}

/* Of a language model what is behind its prompt, as far as some column sees it. */
static enum err_code read_output(struct rationale *to, const struct attribution_sequence *s,
                                 const char *marks, const char *given, struct err *e) {
    const size_t end = (size_t)attribution_visible_rows(s, true);
    if (!s->target_attributions.data)
        return err_set(e, ERR_USAGE,
                       "%s: \"" GENERATED
                       "\" marks the target, which has no scores here: attribute "
                       "it, too (--attribute_target)",
                       given);
    to->output = mem_alloc(sizeof *to->output);
    to->output->target = true;
    to->output->first = to->target ? (size_t)s->attr_pos_start : 0;
    const size_t first = to->output->first;
    const struct token_list rows = {s->target.items + first, end > first ? end - first : 0};
    return read_rows(to->output, &rows, (struct marking){.name = "generated text", .given = given},
                     NULL, marks, true, e);
}

enum err_code rationale_read(struct rationale *out, const struct attribution_sequence *s,
                             const char *text, const char *marks, const char *given,
                             struct err *e) {
    *out = (struct rationale){.target = !s->source_attributions.data};
    const struct token_list rows =
        out->target ? (struct token_list){s->target.items, (size_t)s->attr_pos_start} : s->source;
    enum err_code code = read_rows(out, &rows, (struct marking){.name = "input", .given = given},
                                   text, marks, false, e);
    if (!code && marks_output(marks))
        code = read_output(out, s, marks, given, e);
    if (code)
        return code;
    if (!out->n_counted)
        return err_set(e, ERR_USAGE, "%s: nothing of this text comes before what is explained",
                       given);
    if (!out->n_marked && !(out->output && out->output->n_marked))
        return err_set(e, ERR_USAGE, "%s: \"%.80s\" marks nothing", given, marks);
    return ERR_OK;
}

void rationale_dispose(struct rationale *r) {
    if (r->output) {
        free(r->output->counted);
        free(r->output->marked);
    }
    free(r->output);
    free(r->counted);
    free(r->marked);
    *r = (struct rationale){0};
}
