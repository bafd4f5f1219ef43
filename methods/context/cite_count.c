/* Citations of sentences from those of their tokens, and how they agree with given ones. */
#include "methods/context/cite_count.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>

void citation_add(struct citation_list *list, size_t document, double score, int64_t n_tokens) {
    size_t i = 0;
    while (i < list->n && list->items[i].document != document)
        i++;
    if (i == list->n) {
        list->items = mem_resize(list->items, (list->n + 1) * sizeof *list->items);
        list->items[list->n++] = (struct citation){.document = document};
    }
    list->items[i].score += score;
    list->items[i].n_tokens += n_tokens;
}

static int falling(const void *a, const void *b) {
    const struct citation *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return (x->document > y->document) - (x->document < y->document);
}

void citation_sort(struct citation_list *list) {
    if (list->n)
        qsort(list->items, list->n, sizeof *list->items, falling);
}

static void count_sentence(struct cited_sentence *s, const struct citations *c) {
    s->list.n = 0;
    for (size_t i = 0; i < c->n_tokens; i++) {
        const struct cited_token *t = &c->tokens[i];
        for (size_t k = 0; t->counts && t->column >= s->from && t->column < s->to && k < t->list.n;
             k++)
            citation_add(&s->list, t->list.items[k].document, t->list.items[k].score,
                         t->list.items[k].n_tokens);
    }
    citation_sort(&s->list);
    const size_t most = c->most > 0 ? (size_t)c->most : s->list.n;
    s->list.n_left_out = s->list.n > most ? s->list.n - most : 0;
    s->list.n -= s->list.n_left_out;
}

static bool is_given(const struct cited_sentence *s, size_t document) {
    for (size_t i = 0; i < s->n_given; i++)
        if (s->given[i] == document)
            return true;
    return false;
}

static struct citations_quality quality_of(const struct citations *c) {
    struct citations_quality q = {0};
    for (size_t i = 0; i < c->n_sentences; i++) {
        const struct cited_sentence *s = &c->sentences[i];
        int64_t both = 0;
        if (!s->has_given)
            continue;
        for (size_t k = 0; k < s->list.n; k++)
            both += is_given(s, s->list.items[k].document);
        q.known = true;
        q.n_found += (int64_t)s->list.n;
        q.n_given += (int64_t)s->n_given;
        q.n_both += both;
        q.n_pairs += (int64_t)c->n_documents;
        q.n_alike += (int64_t)c->n_documents - (int64_t)s->list.n - (int64_t)s->n_given + 2 * both;
    }
    return q;
}

void cite_by_sensitivity(struct citations *c, double sensitivity) {
    c->sensitivity = sensitivity;
    for (size_t i = 0; i < c->n_tokens; i++)
        c->tokens[i].counts = c->tokens[i].sensitivity >= sensitivity;
    for (size_t i = 0; i < c->n_sentences; i++)
        count_sentence(&c->sentences[i], c);
    c->quality = quality_of(c);
}

/* Pairs of a sentence and a document that are alike in all of them; −1: nothing is given. */
static int64_t alike_by(struct citations *all, size_t n, double sensitivity) {
    int64_t alike = 0;
    bool known = false;
    for (size_t i = 0; i < n; i++) {
        cite_by_sensitivity(&all[i], sensitivity);
        alike += all[i].quality.n_alike;
        known |= all[i].quality.known;
    }
    return known ? alike : -1;
}

double cite_calibrate(struct citations *all, size_t n) {
    double best = NAN;
    int64_t most = -1;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < all[i].n_tokens; k++) {
            const double sensitivity = all[i].tokens[k].sensitivity;
            const int64_t alike = alike_by(all, n, sensitivity);
            if (alike > most || (alike == most && sensitivity > best)) {
                most = alike;
                best = sensitivity;
            }
        }
    return most < 0 ? NAN : best;
}
