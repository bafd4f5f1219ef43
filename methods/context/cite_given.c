/* Citations that a person gives: a sentence a line, numbers of documents. */
#include "methods/context/cite_count.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

void cite_given_dispose(struct cite_given *g) {
    for (size_t i = 0; i < g->n; i++)
        free(g->sentences[i].items);
    free(g->sentences);
    *g = (struct cite_given){0};
}

void cite_numbers_add(struct cite_numbers *to, size_t number) {
    size_t at = 0;
    while (at < to->n && to->items[at] < number)
        at++;
    if (at < to->n && to->items[at] == number)
        return;
    to->items = mem_resize(to->items, (to->n + 1) * sizeof *to->items);
    memmove(to->items + at + 1, to->items + at, (to->n - at) * sizeof *to->items);
    to->items[at] = number;
    to->n++;
}

static enum err_code read_sentence(struct cite_numbers *out, const char *text, size_t n,
                                   size_t n_documents, struct err *e) {
    for (const char *at = text, *end = text + n; at < end;) {
        if (strchr(" \t\r,;[]", *at)) {
            at++;
            continue;
        }
        char *behind;
        const bool digit = *at >= '0' && *at <= '9';
        const long long number = digit ? strtoll(at, &behind, 10) : 0;
        if (!digit)
            return err_set(e, ERR_USAGE,
                           "--citations: \"%.*s\" is no number of a document: a line, or part "
                           "between |, for each sentence, as 1 3|2",
                           (int)(end - at < 40 ? end - at : 40), at);
        if (number < 1 || (unsigned long long)number > n_documents)
            return err_set(e, ERR_USAGE, "--citations: there is no document %.*s of %zu",
                           (int)(behind - at < 40 ? behind - at : 40), at, n_documents);
        cite_numbers_add(out, (size_t)number - 1);
        at = behind;
    }
    return ERR_OK;
}

enum err_code cite_given_read(struct cite_given *out, const char *text, size_t n_documents,
                              struct err *e) {
    enum err_code code = ERR_OK;
    *out = (struct cite_given){0};
    for (const char *at = text; !code;) {
        const size_t n = strcspn(at, "|\n");
        out->sentences = mem_resize(out->sentences, (out->n + 1) * sizeof *out->sentences);
        out->sentences[out->n++] = (struct cite_numbers){0};
        code = read_sentence(&out->sentences[out->n - 1], at, n, n_documents, e);
        /* A line break ends a line: none begins behind the last one. */
        if (!at[n] || (at[n] == '\n' && !at[n + 1]))
            break;
        at += n + 1;
    }
    if (code)
        cite_given_dispose(out);
    return code;
}
