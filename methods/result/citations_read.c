/* Citations from a file, which may hold anything. */
#include "methods/result/citations.h"

#include "backend/base/json.h"
#include "backend/base/mem.h"
#include "methods/result/kept_tokens.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* NaN: it is no number. */
static double number_of(const struct json_value *object, const char *key) {
    double value;
    return json_number(&value, json_get(object, key)) ? value : NAN;
}

/* 0: it is none, or negative. */
static int64_t count_of(const struct json_value *object, const char *key) {
    int64_t n = 0;
    return json_integer(&n, json_get(object, key)) && n > 0 ? n : 0;
}

static bool flag_of(const struct json_value *object, const char *key) {
    const struct json_value *v = json_get(object, key);
    return v && v->type == JSON_TRUE;
}

static char *text_of(const struct json_value *object, const char *key) {
    const struct json_value *v = json_get(object, key);
    return v && v->type == JSON_STRING ? mem_text_n(v->text, v->n_text) : NULL;
}

/* NULL: it is no list. */
static const struct json_value *list_of(const struct json_value *object, const char *key) {
    const struct json_value *v = json_get(object, key);
    return v && v->type == JSON_ARRAY ? v : NULL;
}

static size_t length_of(const struct json_value *list) {
    return list ? list->n_members : 0;
}

/* Numbers of documents from 1, those that there are: from 0 into out, how many. */
static bool document_of(size_t *out, const struct json_value *v, size_t n_documents) {
    int64_t number;
    if (!json_integer(&number, v) || number < 1 || (uint64_t)number > n_documents)
        return false;
    *out = (size_t)number - 1;
    return true;
}

static struct citation_list read_citations(const struct json_value *object, size_t n_documents) {
    const struct json_value *list = list_of(object, "documents");
    struct citation_list out = {.n_left_out = (size_t)count_of(object, "left_out")};
    out.items = mem_alloc(length_of(list) * sizeof *out.items);
    for (const struct json_value *v = list ? list->first : NULL; v; v = v->next) {
        struct citation *c = &out.items[out.n];
        if (!document_of(&c->document, json_get(v, "document"), n_documents))
            continue;
        c->score = number_of(v, "score");
        c->n_tokens = count_of(v, "tokens");
        out.n++;
    }
    return out;
}

static void read_document(struct cited_document *out, const struct json_value *v) {
    out->name = text_of(v, "name");
    out->from = count_of(v, "from");
    out->to = count_of(v, "to");
}

static void read_sentence(struct cited_sentence *out, const struct json_value *v, size_t n) {
    const struct json_value *given = list_of(v, "given");
    out->from = count_of(v, "from");
    out->to = count_of(v, "to");
    out->list = read_citations(v, n);
    out->has_given = given != NULL;
    out->given = mem_alloc(length_of(given) * sizeof *out->given);
    for (const struct json_value *i = given ? given->first : NULL; i; i = i->next)
        out->n_given += document_of(&out->given[out->n_given], i, n);
}

static void read_token(struct cited_token *out, const struct json_value *v, size_t n) {
    const struct json_value *rows = list_of(v, "rows");
    out->column = count_of(v, "column");
    out->sensitivity = number_of(v, "sensitivity");
    out->counts = flag_of(v, "counts");
    out->list = read_citations(v, n);
    out->rows = mem_alloc(length_of(rows) * sizeof *out->rows);
    for (const struct json_value *i = rows ? rows->first : NULL; i; i = i->next)
        if (json_integer(&out->rows[out->n_rows], i) && out->rows[out->n_rows] >= 0)
            out->n_rows++;
}

static void read_quality(struct citations_quality *q, const struct json_value *v) {
    q->known = json_get(v, "pairs") != NULL;
    q->n_found = count_of(v, "found");
    q->n_given = count_of(v, "given");
    q->n_both = count_of(v, "both");
    q->n_pairs = count_of(v, "pairs");
    q->n_alike = count_of(v, "alike");
}

static void read_closed_book(struct closed_book *out, const struct json_value *v) {
    const struct json_value *tokens = list_of(v, "tokens");
    if (!v || v->type != JSON_OBJECT)
        return;
    out->given = true;
    out->answer = text_of(v, "answer");
    out->tokens = mem_alloc(length_of(tokens) * sizeof *out->tokens);
    for (const struct json_value *i = tokens ? tokens->first : NULL; i; i = i->next)
        out->tokens[out->n_tokens++] =
            (struct closed_token){text_of(i, "piece"), text_of(i, "text"),
                                  number_of(i, "probability"), flag_of(i, "same")};
}

static bool read_all(struct citations *out, const struct json_value *v) {
    const struct json_value *documents = list_of(v, "documents"),
                            *sentences = list_of(v, "sentences"), *tokens = list_of(v, "tokens");
    if (!length_of(documents) || !sentences || !tokens)
        return false;
    out->on_target = json_is(json_get(v, "side"), "target");
    out->rule = text_of(v, "rule");
    out->most = count_of(v, "most");
    out->sensitivity = number_of(v, "sensitivity");
    out->calibrated = flag_of(v, "calibrated");
    out->documents = mem_alloc(length_of(documents) * sizeof *out->documents);
    for (const struct json_value *i = documents->first; i; i = i->next)
        read_document(&out->documents[out->n_documents++], i);
    out->sentences = mem_alloc(length_of(sentences) * sizeof *out->sentences);
    for (const struct json_value *i = sentences->first; i; i = i->next)
        read_sentence(&out->sentences[out->n_sentences++], i, out->n_documents);
    out->tokens = mem_alloc(length_of(tokens) * sizeof *out->tokens);
    for (const struct json_value *i = tokens->first; i; i = i->next)
        read_token(&out->tokens[out->n_tokens++], i, out->n_documents);
    read_quality(&out->quality, v);
    read_closed_book(&out->closed_book, json_get(v, "closed_book"));
    return true;
}

/* Whether [from, to) is within n. */
static bool within(int64_t from, int64_t to, int64_t n) {
    return from >= 0 && from <= to && to <= n;
}

/* Whether all places are the sequence's. */
static bool fits(const struct citations *c, const struct attribution_sequence *s) {
    const int64_t rows = (int64_t)(c->on_target ? s->target.n : s->source.n),
                  columns = attribution_steps(s);
    bool good = !c->closed_book.n_tokens || (int64_t)c->closed_book.n_tokens == columns;
    for (size_t i = 0; i < c->n_documents; i++)
        good &= within(c->documents[i].from, c->documents[i].to, rows);
    for (size_t i = 0; i < c->n_sentences; i++)
        good &= within(c->sentences[i].from, c->sentences[i].to, columns);
    for (size_t i = 0; i < c->n_tokens; i++) {
        const struct cited_token *t = &c->tokens[i];
        good &= within(t->column, t->column + 1, columns);
        for (size_t k = 0; k < t->n_rows; k++)
            good &= within(t->rows[k], t->rows[k] + 1, rows);
    }
    return good;
}

bool citations_read(struct citations *out, const char *json, const struct attribution_sequence *s) {
    struct json_document *d;
    struct err ignored;
    *out = (struct citations){0};
    if (!json || json_parse(&d, json, strlen(json), &ignored) != ERR_OK)
        return false;
    bool good =
        (!s || kept_tokens_are(json_get(json_root(d), "of"), s)) && read_all(out, json_root(d));
    json_free(d);
    if (good && s && !fits(out, s)) {
        citations_dispose(out);
        good = false;
    }
    return good;
}
