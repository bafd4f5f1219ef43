#include "views/export/html_citations.h"

#include "methods/result/citations.h"
#include "views/export/html_details.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One text under way. */
struct part {
    struct text_buffer *b;
    const struct citations *c;
    const struct attribution_sequence *flat;
    size_t place;
    bool *counts; /* rows of the side that count for any token */
};

static void put(const struct part *p, const char *text) {
    html_text(p->b, text ? text : "", text ? strlen(text) : 0, false);
}

static void put_tokens(const struct part *p, const struct token_list *list, size_t i, size_t n) {
    char *text = token_list_text(list, i, n);
    put(p, text);
    free(text);
}

static const struct token_list *side_of(const struct part *p) {
    return p->c->on_target ? &p->flat->target : &p->flat->source;
}

/* --- the answer ---------------------------------------------------------------------------- */

static void put_citations(const struct part *p, const struct citation_list *list) {
    for (size_t i = 0; i < list->n; i++) {
        const struct citation *c = &list->items[i];
        text_buffer_format(p->b,
                           "<a class=cite href=\"#document-%zu-%zu\" title=\"%.4g, %lld token%s\">"
                           "[%zu]</a>",
                           p->place, c->document + 1, c->score, (long long)c->n_tokens,
                           c->n_tokens == 1 ? "" : "s", c->document + 1);
    }
    if (list->n_left_out)
        text_buffer_format(p->b, "<span class=note> and %zu more</span>", list->n_left_out);
}

/* Which of the sensitive tokens stands in a column; NULL: none. */
static const struct cited_token *token_at(const struct part *p, int64_t column) {
    for (size_t i = 0; i < p->c->n_tokens; i++)
        if (p->c->tokens[i].column == column)
            return &p->c->tokens[i];
    return NULL;
}

/* What is told of a token of the answer, as a title. */
static void put_title(const struct part *p, const struct cited_token *t,
                      const struct closed_token *own) {
    text_buffer_puts(p->b, " title=\"");
    if (t) {
        char *marks = citation_marks(&t->list);
        text_buffer_format(p->b, "%.3f: %s", t->sensitivity, t->list.n ? marks : "no document");
        free(marks);
    }
    if (own) {
        text_buffer_puts(p->b, t ? "; without the documents: " : "without the documents: ");
        put(p, own->text);
        text_buffer_format(p->b, " (%.3f)", own->probability);
    }
    text_buffer_puts(p->b, "\"");
}

static void put_column(const struct part *p, int64_t column, size_t n) {
    const struct closed_book *book = &p->c->closed_book;
    const struct cited_token *t = token_at(p, column);
    const struct closed_token *own = (size_t)column < book->n_tokens ? &book->tokens[column] : NULL;
    if (own && (own->same || !own->text))
        own = NULL;
    if (t || own) {
        text_buffer_format(p->b, "<span class=\"%s%s%s\"", t && t->counts ? "rests" : "",
                           t && !t->counts ? "little" : "", own ? " differs" : "");
        put_title(p, t, own);
        text_buffer_puts(p->b, ">");
    }
    put_tokens(p, &p->flat->target, (size_t)(p->flat->attr_pos_start + column), n);
    text_buffer_puts(p->b, t || own ? "</span>" : "");
}

static void put_given(const struct part *p, const struct cited_sentence *s) {
    if (!s->has_given)
        return;
    text_buffer_puts(p->b, "<span class=note> given: ");
    for (size_t i = 0; i < s->n_given; i++)
        text_buffer_format(p->b, "[%zu]", s->given[i] + 1);
    text_buffer_puts(p->b, s->n_given ? "</span>" : "none</span>");
}

static void put_sentence(const struct part *p, const struct cited_sentence *s) {
    text_buffer_puts(p->b, "<p class=sentence dir=auto>");
    for (int64_t g = s->from, n; g < s->to; g += n) {
        n = (int64_t)token_list_whole(&p->flat->target, (size_t)(p->flat->attr_pos_start + g));
        n = g + n > s->to ? s->to - g : n;
        put_column(p, g, (size_t)n);
    }
    text_buffer_puts(p->b, " ");
    if (s->list.n)
        put_citations(p, &s->list);
    else
        text_buffer_puts(p->b, "<span class=note>[no document]</span>");
    put_given(p, s);
    text_buffer_puts(p->b, "</p>\n");
}

/* --- comparisons --------------------------------------------------------------------------- */

static void put_ratio(const struct part *p, const char *name, double value) {
    text_buffer_format(p->b, "%s ", name);
    if (isfinite(value))
        text_buffer_format(p->b, "%.3f", value);
    else
        text_buffer_puts(p->b, "–");
}

static void put_quality(const struct part *p) {
    const struct citations_quality *q = &p->c->quality;
    if (!q->known)
        return;
    text_buffer_puts(p->b, "<p class=quality>against the given citations: ");
    put_ratio(p, "precision", citations_precision(q));
    put_ratio(p, ", recall", citations_recall(q));
    put_ratio(p, ", F1", citations_f1(q));
    put_ratio(p, ", agreement", citations_agreement(q));
    text_buffer_puts(p->b, "</p>\n");
}

static void put_closed_book(const struct part *p) {
    if (!p->c->closed_book.given)
        return;
    text_buffer_puts(p->b, "<p class=cue-of dir=auto><b>closed book: what the model says without "
                           "the documents</b>");
    put(p, p->c->closed_book.answer);
    text_buffer_puts(p->b, "</p>\n");
}

/* --- the documents ------------------------------------------------------------------------- */

/* The answer's tokens for which a row counts, " Lo is". */
static void put_counting(const struct part *p, int64_t row, struct text_buffer *out) {
    for (size_t i = 0; i < p->c->n_tokens; i++) {
        const struct cited_token *t = &p->c->tokens[i];
        bool here = false;
        for (size_t k = 0; k < t->n_rows; k++)
            here |= t->rows[k] == row;
        if (!here)
            continue;
        text_buffer_format(out, " %s",
                           p->flat->target.items[p->flat->attr_pos_start + t->column].printable);
    }
}

static void put_row(const struct part *p, int64_t row, size_t n) {
    struct text_buffer tokens = {0};
    const bool marked = p->counts[row];
    if (marked) {
        put_counting(p, row, &tokens);
        text_buffer_puts(p->b, "<mark title=\"for");
        html_text(p->b, tokens.text, tokens.n, false);
        text_buffer_puts(p->b, "\">");
    }
    put_tokens(p, side_of(p), (size_t)row, n);
    text_buffer_puts(p->b, marked ? "</mark>" : "");
    text_buffer_dispose(&tokens);
}

/* The sentences that cite it, by their numbers. */
static void put_citing(const struct part *p, size_t document) {
    size_t n = 0;
    for (size_t i = 0; i < p->c->n_sentences; i++) {
        const struct citation_list *list = &p->c->sentences[i].list;
        for (size_t k = 0; k < list->n; k++)
            if (list->items[k].document == document)
                text_buffer_format(p->b, "%s%zu", n++ ? ", " : " cited by sentence ", i + 1);
    }
    text_buffer_puts(p->b, n ? "" : " not cited");
}

static void put_document(const struct part *p, size_t i) {
    const struct cited_document *d = &p->c->documents[i];
    text_buffer_format(p->b, "<section class=document id=document-%zu-%zu><h4>[%zu] ", p->place,
                       i + 1, i + 1);
    put(p, d->name);
    text_buffer_puts(p->b, "<span class=note>");
    put_citing(p, i);
    text_buffer_puts(p->b, "</span></h4>\n<p dir=auto>");
    for (int64_t row = d->from, n; row < d->to; row += n) {
        n = (int64_t)token_list_whole(side_of(p), (size_t)row);
        n = row + n > d->to ? d->to - row : n;
        put_row(p, row, (size_t)n);
    }
    text_buffer_puts(p->b, "</p></section>\n");
}

static void put_heading(const struct part *p) {
    text_buffer_puts(p->b, "<div class=citations><h3>documents</h3>\n<p class=note>Each sentence "
                           "of the answer with the documents that it rests on, by the tokens that "
                           "they change (CCI: ");
    put(p, p->c->rule);
    if (p->c->most)
        text_buffer_format(p->b, ", at most %lld a sentence", (long long)p->c->most);
    if (p->c->sensitivity > 0)
        text_buffer_format(p->b, "; CTI ≥ %.3f%s", p->c->sensitivity,
                           p->c->calibrated ? ", calibrated" : "");
    text_buffer_puts(p->b, "). Click a citation to see its document.</p>\n");
}

void html_citations(struct text_buffer *b, const char *json,
                    const struct attribution_sequence *flat, size_t place) {
    struct citations c;
    if (!json)
        return;
    if (!citations_read(&c, json, flat)) {
        text_buffer_puts(b,
                         "<p class=note>What the answer cites is not told here: it was found for "
                         "other tokens than these.</p>\n");
        return;
    }
    struct part p = {b, &c, flat, place, NULL};
    p.counts = mem_alloc((side_of(&p)->n + 1) * sizeof *p.counts);
    for (size_t i = 0; i < c.n_tokens; i++)
        for (size_t k = 0; k < c.tokens[i].n_rows; k++)
            p.counts[c.tokens[i].rows[k]] = true;
    put_heading(&p);
    for (size_t i = 0; i < c.n_sentences; i++)
        put_sentence(&p, &c.sentences[i]);
    put_quality(&p);
    put_closed_book(&p);
    for (size_t i = 0; i < c.n_documents; i++)
        put_document(&p, i);
    text_buffer_puts(b, "</div>\n");
    free(p.counts);
    citations_dispose(&c);
}
