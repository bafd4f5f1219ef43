#include "app/cli/evaluate_groups.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct groups {
    struct attribution *const *results;
    const char *const *paths;
    size_t n, n_methods;
    struct attribution **out; /* [n] */
    size_t n_out;
    bool *taken; /* [n] */
};

/* A token of a contrast has no id: it is the other's. */
static bool same_tokens(const struct token_list *a, const struct token_list *b) {
    bool same = a->n == b->n;
    for (size_t i = 0; i < a->n && same; i++) {
        const int32_t x = a->items[i].id, y = b->items[i].id;
        same = x == y || x == -1 || y == -1;
    }
    return same;
}

static bool same_texts(const struct attribution *a, const struct attribution *b) {
    bool same = a->n_sequences == b->n_sequences;
    for (size_t i = 0; i < a->n_sequences && same; i++)
        same = same_tokens(&a->sequences[i].source, &b->sequences[i].source) &&
               same_tokens(&a->sequences[i].target, &b->sequences[i].target);
    return same;
}

static const char *method_of(const struct attribution *a) {
    return a->info.method ? a->info.method : "";
}

static void take(struct groups *g, size_t i) {
    g->taken[i] = true;
    g->out[g->n_out++] = g->results[i];
}

/* The next one of a text by a method (NULL: any); g->n: there is none. */
static size_t find(const struct groups *g, size_t text, const char *method) {
    for (size_t i = text; i < g->n; i++)
        if (!g->taken[i] && same_texts(g->results[text], g->results[i]) &&
            (!method || strcmp(method_of(g->results[i]), method) == 0))
            return i;
    return g->n;
}

static void take_first(struct groups *g) {
    for (size_t i; (i = find(g, 0, NULL)) < g->n;)
        take(g, i);
    g->n_methods = g->n_out;
}

static enum err_code take_text(struct groups *g, size_t text, struct err *e) {
    for (size_t m = 0; m < g->n_methods; m++) {
        const char *method = method_of(g->out[m]);
        const size_t i = find(g, text, method);
        if (i == g->n)
            return err_set(e, ERR_USAGE,
                           "%.200s is of another text than %.200s, and no file has %.60s of it: "
                           "each text needs all the methods",
                           g->paths[text], g->paths[0], method);
        take(g, i);
    }
    const size_t more = find(g, text, NULL);
    if (more < g->n)
        return err_set(e, ERR_USAGE,
                       "%.200s is of another text than %.200s, of which no file has %.60s: each "
                       "text needs all the methods",
                       g->paths[more], g->paths[0], method_of(g->results[more]));
    return ERR_OK;
}

enum err_code evaluate_groups(size_t *n_methods, struct attribution **results,
                              const char *const *paths, size_t n, struct err *e) {
    struct groups g = {.results = results, .paths = paths, .n = n};
    enum err_code code = ERR_OK;
    g.out = mem_alloc((n + 1) * sizeof *g.out);
    g.taken = mem_alloc(n + 1);
    take_first(&g);
    for (size_t i = 0; i < n && !code; i++)
        if (!g.taken[i])
            code = take_text(&g, i, e);
    *n_methods = g.n_methods;
    if (!code)
        memcpy(results, g.out, n * sizeof *results);
    free(g.out);
    free(g.taken);
    return code;
}
