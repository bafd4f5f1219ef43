#include "app/files/citations_text.h"

#include "backend/base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is drawn. */
struct drawn {
    struct text_buffer *b;
    const struct citations *c;
    const struct token_list *answer;
    bool colour;
};

static void put_cited(const struct drawn *d, const char *marks) {
    text_buffer_format(d->b, d->colour ? "\x1b[1;32m%s\x1b[0m" : "%s", marks);
}

/* Columns [from, to) of the answer as text, without the blank before; owned. */
static char *words(const struct drawn *d, int64_t from, int64_t to) {
    char *text = token_list_text(d->answer, (size_t)from, (size_t)(to - from));
    char *out = mem_text(text + strspn(text, " "));
    free(text);
    return out;
}

/* --- sentences ---------------------------------------------------------------------------- */

/* "[1][3]"; owned. */
static char *given_marks(const struct cited_sentence *s) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < s->n_given; i++)
        text_buffer_format(&b, "[%zu]", s->given[i] + 1);
    return b.n ? text_buffer_take(&b) : mem_text("none");
}

/* Without the blanks and line breaks before it. */
static const char *begun(const char *text) {
    static const char line_break[] = "\xE2\x8F\x8E";
    for (;;) {
        text += strspn(text, " ");
        if (strncmp(text, line_break, strlen(line_break)) != 0)
            return text;
        text += strlen(line_break);
    }
}

static void put_sentence(const struct drawn *d, const struct cited_sentence *s) {
    char *text = words(d, s->from, s->to), *marks = citation_marks(&s->list);
    text_buffer_format(d->b, "  %s ", begun(text));
    put_cited(d, s->list.n ? marks : "[no document]");
    if (s->list.n_left_out)
        text_buffer_format(d->b, " (%zu more left out)", s->list.n_left_out);
    if (s->has_given) {
        char *given = given_marks(s);
        text_buffer_format(d->b, "   given: %s", given);
        free(given);
    }
    text_buffer_puts(d->b, "\n");
    free(text);
    free(marks);
}

static void put_rule(const struct drawn *d) {
    const struct citations *c = d->c;
    text_buffer_format(d->b, "\nAnswer with the documents that it rests on (CCI: %s", c->rule);
    if (c->most)
        text_buffer_format(d->b, ", at most %lld a sentence", (long long)c->most);
    if (c->sensitivity > 0)
        text_buffer_format(d->b, "; CTI ≥ %.3f%s", c->sensitivity,
                           c->calibrated ? ", calibrated" : "");
    text_buffer_puts(d->b, ")\n");
    for (size_t i = 0; i < c->n_sentences; i++)
        put_sentence(d, &c->sentences[i]);
}

/* --- documents, tokens -------------------------------------------------------------------- */

static void put_documents(const struct drawn *d) {
    text_buffer_puts(d->b, "\nDocuments\n");
    for (size_t i = 0; i < d->c->n_documents; i++) {
        const struct cited_document *one = &d->c->documents[i];
        char *name = text_clean(one->name);
        text_buffer_format(d->b, "  [%zu] %s (%lld tokens)\n", i + 1, name,
                           (long long)(one->to - one->from));
        free(name);
    }
}

static void put_token(const struct drawn *d, const struct cited_token *t) {
    char *text = words(d, t->column, t->column + 1);
    text_buffer_format(d->b, "  %s (%.3f)%s rests on", text, t->sensitivity,
                       t->counts ? "" : ", too little to count,");
    for (size_t i = 0; i < t->list.n; i++) {
        const struct citation *one = &t->list.items[i];
        char *mark = mem_format("[%zu]", one->document + 1);
        text_buffer_puts(d->b, i ? ", " : " ");
        put_cited(d, mark);
        text_buffer_format(d->b, " %.4g (%lld token%s)", one->score, (long long)one->n_tokens,
                           one->n_tokens == 1 ? "" : "s");
        free(mark);
    }
    text_buffer_puts(d->b, t->list.n ? "\n" : " no document\n");
    free(text);
}

static void put_tokens(const struct drawn *d) {
    text_buffer_puts(d->b, d->c->n_tokens ? "\nSensitive tokens\n" : "");
    for (size_t i = 0; i < d->c->n_tokens; i++)
        put_token(d, &d->c->tokens[i]);
}

/* --- comparisons -------------------------------------------------------------------------- */

static void put_ratio(const struct drawn *d, const char *name, double value) {
    if (isnan(value))
        text_buffer_format(d->b, "%s -", name);
    else
        text_buffer_format(d->b, "%s %.3f", name, value);
}

static void put_quality(const struct drawn *d) {
    const struct citations_quality *q = &d->c->quality;
    if (!q->known)
        return;
    text_buffer_puts(d->b, "\nAgainst the given citations\n  ");
    put_ratio(d, "precision", citations_precision(q));
    text_buffer_format(d->b, " (%lld of %lld)  ", (long long)q->n_both, (long long)q->n_found);
    put_ratio(d, "recall", citations_recall(q));
    text_buffer_format(d->b, " (%lld of %lld)", (long long)q->n_both, (long long)q->n_given);
    put_ratio(d, "  F₁", citations_f1(q));
    put_ratio(d, "  agreement", citations_agreement(q));
    text_buffer_format(d->b, " (%lld of %lld pairs of a sentence and a document)\n",
                       (long long)q->n_alike, (long long)q->n_pairs);
}

static void put_choice(const struct drawn *d, size_t g) {
    const struct closed_token *own = &d->c->closed_book.tokens[g];
    char *other = text_clean(own->text); /* from a file it may be anything */
    text_buffer_format(d->b, "  %s → %s (%.3f)\n", d->answer->items[g].printable, other,
                       own->probability);
    free(other);
}

static void put_closed_book(const struct drawn *d) {
    const struct closed_book *book = &d->c->closed_book;
    size_t n = 0;
    if (!book->given)
        return;
    char *answer = text_clean(book->answer);
    text_buffer_format(d->b, "\nClosed book: without the documents the model says\n  %s\n",
                       *answer ? answer : "(nothing)");
    for (size_t g = 0; g < book->n_tokens; g++)
        n += !book->tokens[g].same;
    text_buffer_format(d->b, "and at %zu of the answer's %zu tokens it would have gone on with%s\n",
                       n, book->n_tokens, n ? "" : " another");
    for (size_t g = 0; g < book->n_tokens; g++)
        if (!book->tokens[g].same && book->tokens[g].text)
            put_choice(d, g);
    free(answer);
}

void citations_lines(struct text_buffer *b, const struct citations *c,
                     const struct token_list *answer, bool colour) {
    const struct drawn d = {b, c, answer, colour};
    put_rule(&d);
    put_documents(&d);
    put_tokens(&d);
    put_quality(&d);
    put_closed_book(&d);
}
