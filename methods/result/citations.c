#include "methods/result/citations.h"

#include "backend/base/json.h"
#include "backend/base/mem.h"
#include "methods/result/kept_tokens.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void list_dispose(struct citation_list *l) {
    free(l->items);
    *l = (struct citation_list){0};
}

void closed_book_dispose(struct closed_book *b) {
    for (size_t i = 0; i < b->n_tokens; i++)
        free(b->tokens[i].piece), free(b->tokens[i].text);
    free(b->tokens);
    free(b->answer);
    *b = (struct closed_book){0};
}

void citations_dispose(struct citations *c) {
    for (size_t i = 0; i < c->n_documents; i++)
        free(c->documents[i].name);
    for (size_t i = 0; i < c->n_sentences; i++) {
        list_dispose(&c->sentences[i].list);
        free(c->sentences[i].given);
    }
    for (size_t i = 0; i < c->n_tokens; i++) {
        list_dispose(&c->tokens[i].list);
        free(c->tokens[i].rows);
    }
    free(c->documents);
    free(c->sentences);
    free(c->tokens);
    free(c->rule);
    closed_book_dispose(&c->closed_book);
    *c = (struct citations){0};
}

/* --- how good they are -------------------------------------------------------------------- */

static double ratio(int64_t part, int64_t whole) {
    return whole ? (double)part / (double)whole : NAN;
}

double citations_precision(const struct citations_quality *q) {
    return ratio(q->n_both, q->n_found);
}

double citations_recall(const struct citations_quality *q) {
    return ratio(q->n_both, q->n_given);
}

double citations_f1(const struct citations_quality *q) {
    return ratio(2 * q->n_both, q->n_found + q->n_given);
}

double citations_agreement(const struct citations_quality *q) {
    return ratio(q->n_alike, q->n_pairs);
}

char *citation_marks(const struct citation_list *list) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < list->n; i++)
        text_buffer_format(&b, "[%zu]", list->items[i].document + 1);
    return text_buffer_take(&b);
}

/* --- written ------------------------------------------------------------------------------ */

/* Appends "[", what `put` makes of each item, and "]" as a member. */
static void put_list(struct text_buffer *b, const char *key, size_t n,
                     char *(*make)(const void *items, size_t i), const void *items) {
    struct text_buffer list = {0};
    text_buffer_puts(&list, "[");
    for (size_t i = 0; i < n; i++) {
        char *json = make(items, i);
        text_buffer_format(&list, "%s%s", i ? "," : "", json);
        free(json);
    }
    text_buffer_puts(&list, "]");
    json_put_value(b, key, list.text);
    text_buffer_dispose(&list);
}

static char *citation_text(const void *items, size_t i) {
    const struct citation *c = &((const struct citation *)items)[i];
    struct text_buffer b = {0};
    json_put_number(&b, "document", (double)c->document + 1);
    json_put_number(&b, "score", c->score);
    json_put_number(&b, "tokens", (double)c->n_tokens);
    return json_take_object(&b);
}

static char *document_text(const void *items, size_t i) {
    const struct cited_document *d = &((const struct cited_document *)items)[i];
    struct text_buffer b = {0};
    json_put_string(&b, "name", d->name);
    json_put_number(&b, "from", (double)d->from);
    json_put_number(&b, "to", (double)d->to);
    return json_take_object(&b);
}

static char *number_text(const void *items, size_t i) {
    return mem_format("%zu", ((const size_t *)items)[i] + 1);
}

static char *row_text(const void *items, size_t i) {
    return mem_format("%lld", (long long)((const int64_t *)items)[i]);
}

static char *sentence_text(const void *items, size_t i) {
    const struct cited_sentence *s = &((const struct cited_sentence *)items)[i];
    struct text_buffer b = {0};
    json_put_number(&b, "from", (double)s->from);
    json_put_number(&b, "to", (double)s->to);
    put_list(&b, "documents", s->list.n, citation_text, s->list.items);
    json_put_number(&b, "left_out", (double)s->list.n_left_out);
    if (s->has_given)
        put_list(&b, "given", s->n_given, number_text, s->given);
    else
        json_put_value(&b, "given", "null");
    return json_take_object(&b);
}

static char *token_text(const void *items, size_t i) {
    const struct cited_token *t = &((const struct cited_token *)items)[i];
    struct text_buffer b = {0};
    json_put_number(&b, "column", (double)t->column);
    json_put_number(&b, "sensitivity", t->sensitivity);
    json_put_flag(&b, "counts", t->counts);
    put_list(&b, "documents", t->list.n, citation_text, t->list.items);
    put_list(&b, "rows", t->n_rows, row_text, t->rows);
    return json_take_object(&b);
}

static char *closed_token_text(const void *items, size_t i) {
    const struct closed_token *t = &((const struct closed_token *)items)[i];
    struct text_buffer b = {0};
    json_put_string(&b, "piece", t->piece);
    json_put_string(&b, "text", t->text);
    json_put_number(&b, "probability", t->probability);
    json_put_flag(&b, "same", t->same);
    return json_take_object(&b);
}

static void put_quality(struct text_buffer *b, const struct citations_quality *q) {
    if (!q->known)
        return;
    json_put_number(b, "found", (double)q->n_found);
    json_put_number(b, "given", (double)q->n_given);
    json_put_number(b, "both", (double)q->n_both);
    json_put_number(b, "pairs", (double)q->n_pairs);
    json_put_number(b, "alike", (double)q->n_alike);
    json_put_number(b, "precision", citations_precision(q));
    json_put_number(b, "recall", citations_recall(q));
    json_put_number(b, "f1", citations_f1(q));
    json_put_number(b, "agreement", citations_agreement(q));
}

static void put_closed_book(struct text_buffer *b, const struct closed_book *book) {
    struct text_buffer members = {0};
    if (!book->given)
        return;
    json_put_string(&members, "answer", book->answer);
    put_list(&members, "tokens", book->n_tokens, closed_token_text, book->tokens);
    char *json = json_take_object(&members);
    json_put_value(b, "closed_book", json);
    free(json);
}

char *citations_json(const struct citations *c, const struct attribution_sequence *s) {
    struct text_buffer b = {0};
    char *of = kept_tokens_text(s);
    json_put_value(&b, "of", of);
    free(of);
    json_put_string(&b, "side", c->on_target ? "target" : "source");
    json_put_string(&b, "rule", c->rule);
    json_put_number(&b, "most", (double)c->most);
    json_put_number(&b, "sensitivity", c->sensitivity);
    json_put_flag(&b, "calibrated", c->calibrated);
    put_list(&b, "documents", c->n_documents, document_text, c->documents);
    put_list(&b, "sentences", c->n_sentences, sentence_text, c->sentences);
    put_list(&b, "tokens", c->n_tokens, token_text, c->tokens);
    put_quality(&b, &c->quality);
    put_closed_book(&b, &c->closed_book);
    return json_take_object(&b);
}
