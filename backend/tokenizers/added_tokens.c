#include "backend/tokenizers/added_tokens.h"

#include "backend/tokenizers/characters.h"

#include <stdlib.h>
#include <string.h>

void added_tokens_add(struct added_tokens *a, const struct added_token *token) {
    if (!*token->text)
        return;
    if ((a->n & (a->n - 1)) == 0)
        a->items = mem_resize(a->items, (a->n ? 2 * a->n : 1) * sizeof *a->items);
    a->items[a->n] = *token;
    a->items[a->n++].text = mem_text(token->text);
}

void added_tokens_dispose(struct added_tokens *a) {
    for (size_t i = 0; i < a->n; i++)
        free(a->items[i].text);
    free(a->items);
    free(a->kinds);
    free(a->latest);
    trie_dispose(&a->as_written);
    trie_dispose(&a->normalized);
    *a = (struct added_tokens){0};
}

unsigned added_tokens_kind(const struct added_tokens *a, int32_t id) {
    return id < a->n_ids ? a->kinds[id] : 0;
}

static enum err_code add_normalized(struct added_tokens *a, size_t i,
                                    const struct stages *normalizers, const char *where,
                                    struct err *e) {
    struct aligned text = {0};
    const char *name = a->items[i].text;
    aligned_add_original(&text, name, 0, strlen(name));
    enum err_code code = stages_normalize(normalizers, &text, e);
    if (code)
        goto out;
    if (text.n == 0)
        code = err_set(e, ERR_UNSUPPORTED,
                       "%s: nothing is left of the added token \"%.40s\" when it is normalized",
                       where, name);
    else
        trie_add(&a->normalized, text.text, text.n, (int32_t)i, 1);
out:
    aligned_dispose(&text);
    return code;
}

enum err_code added_tokens_finish(struct added_tokens *a, int32_t n_ids,
                                  const struct stages *normalizers, const char *where,
                                  struct err *e) {
    a->kinds = mem_alloc((size_t)n_ids);
    a->latest = mem_alloc((size_t)n_ids * sizeof *a->latest);
    memset(a->latest, 0xFF, (size_t)n_ids * sizeof *a->latest);
    a->n_ids = n_ids;
    for (size_t i = 0; i < a->n; i++) {
        const struct added_token *t = &a->items[i];
        a->kinds[t->id] |= t->special ? ADDED | ADDED_SPECIAL : ADDED;
        a->latest[t->id] = (int32_t)i;
        if (!t->normalized) {
            trie_add(&a->as_written, t->text, strlen(t->text), (int32_t)i, 1);
            continue;
        }
        enum err_code code = add_normalized(a, i, normalizers, where, e);
        if (code)
            return code;
    }
    return ERR_OK;
}

/* Text [from, to) touches a letter of a word that it is not all of. */
static bool is_within_word(const char *s, size_t n, size_t from, size_t to) {
    size_t length;
    return (from && character_is_word(character_before(s, from, &length))) ||
           (to < n && character_is_word(character_at(s + to, n - to, &length)));
}

/* Where the white space that ends before `at` begins. */
static size_t space_before(const char *s, size_t at) {
    size_t length;
    while (at && character_is_white(character_before(s, at, &length)))
        at -= length;
    return at;
}

static size_t space_behind(const char *s, size_t n, size_t at) {
    size_t length;
    while (at < n && character_is_white(character_at(s + at, n - at, &length)))
        at += length;
    return at;
}

/* Takes parts of a text in order: id −1 is text. */
typedef enum err_code part_sink(void *user, size_t from, size_t to, int32_t id);

/* Finds the tokens of a tree: the longest at each place, then on behind it. */
static enum err_code find(const struct added_tokens *a, const struct trie *trie, const char *s,
                          size_t n, part_sink *part, void *user) {
    size_t done = 0, at = 0, length;
    while (at < n) {
        const int32_t i = trie_longest(trie, s + at, n - at, &length);
        if (i < 0) {
            at += character_length(s + at, n - at);
            continue;
        }
        const struct added_token *t = &a->items[a->latest[a->items[i].id]];
        size_t from = at, to = at + length;
        at = to; /* as in the library, no shorter one is looked for in it */
        if (a->splits_special && (a->kinds[t->id] & ADDED_SPECIAL))
            continue;
        if (t->single_word && is_within_word(s, n, from, to))
            continue;
        if (t->lstrip) {
            const size_t space = space_before(s, from);
            from = space > done ? space : done;
        }
        if (t->rstrip)
            to = space_behind(s, n, to);
        enum err_code code = done < from ? part(user, done, from, -1) : ERR_OK;
        if (code)
            return code;
        code = part(user, from, to, t->id);
        if (code)
            return code;
        done = to;
    }
    return done < n ? part(user, done, n, -1) : ERR_OK;
}

struct cutting {
    const struct added_tokens *added;
    const struct stages *normalizers;
    const char *text;
    struct spans *out;
    struct err *e;
    const struct aligned *now; /* what the normalized ones are looked for in */
};

static enum err_code take_normalized(void *user, size_t from, size_t to, int32_t id) {
    const struct cutting *c = user;
    const size_t begin = c->out->text.n;
    aligned_copy(&c->out->text, c->now, from, to);
    spans_add(c->out, begin, c->out->text.n, id);
    return ERR_OK;
}

static enum err_code take_written(void *user, size_t from, size_t to, int32_t id) {
    struct cutting *c = user;
    struct aligned text = {0};
    const size_t begin = c->out->text.n;
    if (id >= 0) {
        aligned_add_original(&c->out->text, c->text, from, to);
        spans_add(c->out, begin, c->out->text.n, id);
        return ERR_OK;
    }
    aligned_add_original(&text, c->text, from, to);
    enum err_code code = stages_normalize(c->normalizers, &text, c->e);
    c->now = &text;
    if (!code)
        code = find(c->added, &c->added->normalized, text.text, text.n, take_normalized, c);
    aligned_dispose(&text);
    return code;
}

enum err_code added_tokens_cut(const struct added_tokens *a, const struct stages *normalizers,
                               const char *text, size_t n, struct spans *out, struct err *e) {
    struct cutting c = {.added = a, .normalizers = normalizers, .text = text, .out = out, .e = e};
    return find(a, &a->as_written, text, n, take_written, &c);
}
