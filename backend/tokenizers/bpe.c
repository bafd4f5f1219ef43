#include "backend/tokenizers/bpe.h"

#include "backend/tokenizers/characters.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void encode(const struct token_model *m, const char *s, size_t n, word_sink *token,
                   void *user);
static void free_bpe(struct token_model *m);

static const struct token_model_ops ops = {"BPE", encode, free_bpe};

struct bpe *bpe_new(const struct vocabulary *vocabulary, const unsigned char *own) {
    struct bpe *b = mem_alloc(sizeof *b);
    b->base = (struct token_model){&ops, vocabulary, own, -1};
    b->prefix = mem_text("");
    b->suffix = mem_text("");
    return b;
}

static void free_bpe(struct token_model *m) {
    struct bpe *b = (struct bpe *)m;
    free(b->merges);
    free(b->ids);
    free(b->prefix);
    free(b->suffix);
    free(b);
}

/* --- merges --- */

static size_t pair_hash(int32_t left, int32_t right) {
    uint64_t h = ((uint64_t)(uint32_t)left << 32 | (uint32_t)right) * 0x9E3779B97F4A7C15u;
    return (size_t)(h ^ (h >> 32));
}

static struct bpe_merge *slot_of(const struct bpe *b, int32_t left, int32_t right) {
    size_t i = pair_hash(left, right) & (b->n_merges - 1);
    while (b->merges[i].left >= 0 && (b->merges[i].left != left || b->merges[i].right != right))
        i = (i + 1) & (b->n_merges - 1);
    return &b->merges[i];
}

void bpe_start_merges(struct bpe *b, size_t n) {
    b->n_merges = 16;
    while (b->n_merges < 2 * n)
        b->n_merges *= 2;
    b->merges = mem_alloc(b->n_merges * sizeof *b->merges);
    b->ids = mem_alloc((n + 1) * sizeof *b->ids);
    b->n_ids = n;
    memset(b->merges, 0xFF, b->n_merges * sizeof *b->merges);
}

/* The token that two pieces make, without the prefix of the second. */
static int32_t find_joined(const struct bpe *b, const char *left, size_t n_left, const char *right,
                           size_t n_right) {
    const size_t n_prefix = strlen(b->prefix), cut = n_prefix < n_right ? n_prefix : n_right;
    char *joined = mem_alloc(n_left + n_right + 1);
    memcpy(joined, left, n_left);
    memcpy(joined + n_left, right + cut, n_right - cut);
    const int32_t id = token_model_find(&b->base, joined, n_left + n_right - cut);
    free(joined);
    return id;
}

enum err_code bpe_add_merge(struct bpe *b, int32_t rank, const char *left, size_t n_left,
                            const char *right, size_t n_right, struct err *e) {
    const int32_t l = token_model_find(&b->base, left, n_left),
                  r = token_model_find(&b->base, right, n_right),
                  id = find_joined(b, left, n_left, right, n_right);
    if (l < 0 || r < 0 || id < 0)
        return err_set(e, ERR_FORMAT,
                       "merge %d of the tokenizer joins pieces that are not in its vocabulary",
                       rank);
    if (id == l || id == r)
        return err_set(e, ERR_FORMAT,
                       "merge %d of the tokenizer goes in a circle: \"%.40s\" is made of itself",
                       rank, vocabulary_piece(b->base.vocabulary, id, NULL));
    assert(rank >= 0 && (size_t)rank < b->n_ids);
    *slot_of(b, l, r) = (struct bpe_merge){l, r, rank, id};
    b->ids[rank] = id;
    return ERR_OK;
}

void bpe_finish(struct bpe *b) {
    for (int32_t c = 0; c < BPE_CHARACTERS; c++) {
        char text[4];
        const size_t n = character_write(c, text);
        b->characters[c] = token_model_find(&b->base, text, n);
    }
    token_model_find_bytes(&b->base, b->bytes);
}

/* --- one word: its characters --- */

/* A word's symbols as a doubly linked list in an array, and a heap of the pairs that can merge,
 * best rank (then leftmost) first: rank and place in one number, four children to a node, for a
 * long word's heap is far larger than the cache. Entries of the heap whose pair has changed
 * meanwhile are skipped. */
struct symbol {
    int32_t id; /* −1: unknown, and nothing stands for it */
    int32_t before, after;
    uint32_t n; /* its bytes; 0: merged away */
};

enum { SMALL = 64 };

struct word {
    const struct bpe *b;
    const char *s;
    size_t n;
    struct symbol *symbols, small_symbols[SMALL];
    uint64_t *heap, small_heap[3 * SMALL];
    size_t n_symbols, n_heap;
    uint32_t unknown; /* bytes that wait to become an unknown token */
};

static void add_symbol(struct word *w, int32_t id, uint32_t n) {
    const int32_t at = (int32_t)w->n_symbols++;
    w->symbols[at] = (struct symbol){id, at - 1, -1, n};
    if (at)
        w->symbols[at - 1].after = at;
}

static void flush_unknown(struct word *w) {
    if (w->unknown)
        add_symbol(w, w->b->base.unk_id, w->unknown);
    w->unknown = 0;
}

/* With prefix and suffix, as the model has them. */
static int32_t find_character(const struct word *w, const char *s, size_t n) {
    const struct bpe *b = w->b;
    const bool first = s == w->s, last = s + n == w->s + w->n;
    const char *prefix = first ? "" : b->prefix, *suffix = last ? b->suffix : "";
    size_t length;
    const int32_t c = character_at(s, n, &length);
    if (!*prefix && !*suffix)
        return c < BPE_CHARACTERS ? b->characters[c] : token_model_find(&b->base, s, n);
    char *name = mem_format("%s%.*s%s", prefix, (int)n, s, suffix);
    const int32_t id = token_model_find(&b->base, name, strlen(name));
    free(name);
    return id;
}

static bool add_bytes(struct word *w, const char *s, size_t n) {
    if (!w->b->byte_fallback)
        return false;
    for (size_t i = 0; i < n; i++)
        if (w->b->bytes[(unsigned char)s[i]] < 0)
            return false;
    for (size_t i = 0; i < n; i++)
        add_symbol(w, w->b->bytes[(unsigned char)s[i]], 1);
    return true;
}

static void add_character(struct word *w, const char *s, size_t n) {
    const int32_t id = find_character(w, s, n);
    if (id >= 0) {
        flush_unknown(w);
        add_symbol(w, id, (uint32_t)n);
        return;
    }
    if (add_bytes(w, s, n))
        return;
    if (!w->b->fuse_unk)
        flush_unknown(w);
    w->unknown += (uint32_t)n;
}

static void add_characters(struct word *w) {
    for (size_t at = 0, n; at < w->n; at += n) {
        n = character_length(w->s + at, w->n - at);
        add_character(w, w->s + at, n);
    }
    flush_unknown(w);
}

/* --- one word: its merges --- */

static void push(struct word *w, int32_t rank, int32_t at) {
    const uint64_t key = (uint64_t)(uint32_t)rank << 32 | (uint32_t)at;
    size_t i = w->n_heap++;
    for (; i > 0 && key < w->heap[(i - 1) / 4]; i = (i - 1) / 4)
        w->heap[i] = w->heap[(i - 1) / 4];
    w->heap[i] = key;
}

/* The least of the children of i; n_heap: it has none. */
static size_t least_child(const struct word *w, size_t i) {
    const size_t first = 4 * i + 1, end = first + 4 < w->n_heap ? first + 4 : w->n_heap;
    size_t least = first < end ? first : w->n_heap;
    for (size_t child = first + 1; child < end; child++)
        if (w->heap[child] < w->heap[least])
            least = child;
    return least;
}

static uint64_t pop(struct word *w) {
    const uint64_t top = w->heap[0], last = w->heap[--w->n_heap];
    size_t i = 0, child;
    while ((child = least_child(w, i)) < w->n_heap && w->heap[child] < last) {
        w->heap[i] = w->heap[child];
        i = child;
    }
    w->heap[i] = last;
    return top;
}

/* The merge of a symbol with the next; NULL: none. */
static const struct bpe_merge *merge_at(const struct word *w, int32_t at) {
    const int32_t next = at < 0 ? -1 : w->symbols[at].after;
    if (next < 0 || w->symbols[at].id < 0)
        return NULL;
    const struct bpe_merge *m = slot_of(w->b, w->symbols[at].id, w->symbols[next].id);
    return m->left >= 0 ? m : NULL;
}

static void consider(struct word *w, int32_t at) {
    const struct bpe_merge *m = merge_at(w, at);
    if (m)
        push(w, m->rank, at);
}

static void join(struct word *w, int32_t at, int32_t id) {
    struct symbol *left = &w->symbols[at], *right = &w->symbols[left->after];
    left->id = id;
    left->n += right->n;
    left->after = right->after;
    if (right->after >= 0)
        w->symbols[right->after].before = at;
    right->n = 0;
}

static void consider_around(struct word *w, int32_t at) {
    consider(w, w->symbols[at].before);
    consider(w, at);
}

static void merge_one_by_one(struct word *w) {
    while (w->n_heap) {
        const uint64_t key = pop(w);
        const int32_t at = (int32_t)(uint32_t)key, id = w->b->ids[key >> 32];
        const struct bpe_merge *m = w->symbols[at].n ? merge_at(w, at) : NULL;
        if (!m || m->id != id) /* one of the two has been merged meanwhile */
            continue;
        join(w, at, id);
        consider_around(w, at);
    }
}

/* Merges the places of the best pair; returns how many there were, and them in `places`. */
static size_t merge_round(struct word *w, int32_t *places) {
    const uint64_t rank = w->heap[0] >> 32;
    size_t n = 0;
    while (w->n_heap && w->heap[0] >> 32 == rank) {
        const int32_t at = (int32_t)(uint32_t)pop(w);
        const struct bpe_merge *m = w->symbols[at].n ? merge_at(w, at) : NULL;
        if (!m || m->rank != (int32_t)rank)
            continue;
        join(w, at, m->id);
        places[n++] = at;
    }
    return n;
}

static void merge_in_rounds(struct word *w) {
    int32_t *places = mem_alloc(w->n_symbols * sizeof *places);
    while (w->n_heap)
        for (size_t n = merge_round(w, places), i = 0; i < n; i++)
            consider_around(w, places[i]);
    free(places);
}

static void merge_all(struct word *w) {
    for (size_t i = 0; i + 1 < w->n_symbols; i++)
        consider(w, (int32_t)i);
    if (w->b->in_rounds)
        merge_in_rounds(w);
    else
        merge_one_by_one(w);
}

static void give(const struct word *w, word_sink *token, void *user) {
    size_t from = 0;
    for (int32_t i = w->n_symbols ? 0 : -1; i >= 0; i = w->symbols[i].after) {
        token(user, w->symbols[i].id, from, from + w->symbols[i].n);
        from += w->symbols[i].n;
    }
}

static void encode(const struct token_model *m, const char *s, size_t n, word_sink *token,
                   void *user) {
    const struct bpe *b = (const struct bpe *)m;
    const int32_t whole = b->ignore_merges ? token_model_find(m, s, n) : -1;
    const bool small = n <= SMALL;
    struct word w;
    if (whole >= 0) {
        token(user, whole, 0, n);
        return;
    }
    w.b = b;
    w.s = s;
    w.n = n;
    w.n_symbols = w.n_heap = w.unknown = 0;
    /* Each merge adds at most two pairs, and there are fewer merges than bytes. */
    w.symbols = small ? w.small_symbols : mem_alloc(n * sizeof *w.symbols);
    w.heap = small ? w.small_heap : mem_alloc(3 * n * sizeof *w.heap);
    add_characters(&w);
    merge_all(&w);
    give(&w, token, user);
    if (small)
        return;
    free(w.symbols);
    free(w.heap);
}
