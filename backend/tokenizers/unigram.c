#include "backend/tokenizers/unigram.h"

#include "backend/tokenizers/characters.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define UNKNOWN_PENALTY 10.0

static void encode(const struct token_model *m, const char *s, size_t n, word_sink *token,
                   void *user);
static void free_unigram(struct token_model *m);

static const struct token_model_ops ops = {"Unigram", encode, free_unigram};

struct unigram *unigram_new(const struct vocabulary *vocabulary, const unsigned char *own,
                            const double *scores, int32_t n, const unsigned char *usable) {
    struct unigram *u = mem_alloc(sizeof *u);
    double least = INFINITY;
    u->base = (struct token_model){&ops, vocabulary, own, -1};
    u->scores = mem_alloc(((size_t)n + 1) * sizeof *scores);
    memcpy(u->scores, scores, (size_t)n * sizeof *scores);
    u->n = n;
    for (int32_t id = 0; id < n; id++) {
        size_t length;
        const char *piece = vocabulary_piece(vocabulary, id, &length);
        if (usable && !usable[id])
            continue;
        least = scores[id] < least ? scores[id] : least;
        if (length)
            trie_add(&u->trie, piece, length, id, 0);
    }
    u->unk_score = least - UNKNOWN_PENALTY;
    token_model_find_bytes(&u->base, u->bytes);
    return u;
}

static void free_unigram(struct token_model *m) {
    struct unigram *u = (struct unigram *)m;
    free(u->scores);
    trie_dispose(&u->trie);
    free(u);
}

/* The best way to the end of a character. */
struct node {
    double score;
    size_t from; /* where its last piece begins; SIZE_MAX: no way */
    int32_t id;
};

static void offer(const struct unigram *u, struct node *node, double score, size_t from,
                  int32_t id) {
    if (node->from == SIZE_MAX || score > node->score)
        *node = (struct node){u->as_sentencepiece ? (float)score : score, from, id};
}

/* All pieces that begin at a character of n bytes, or the unknown one. */
static void extend(const struct unigram *u, struct node *nodes, const char *s, size_t from,
                   size_t end, size_t n) {
    bool single = false;
    uint32_t at = 0;
    for (size_t i = from; i < end && (at = trie_step(&u->trie, at, (unsigned char)s[i])); i++) {
        const int32_t id = u->trie.nodes[at].value;
        if (id < 0)
            continue;
        offer(u, &nodes[i + 1], nodes[from].score + u->scores[id], from, id);
        single = single || i + 1 - from == n;
    }
    const double unknown = nodes[from].score + u->unk_score;
    if (!single)
        offer(u, &nodes[from + n], u->as_sentencepiece ? (float)unknown : unknown, from,
              u->base.unk_id);
}

struct giving {
    const struct unigram *u;
    const char *s;
    word_sink *token;
    void *user;
};

/* What is unknown, all in a row: a piece after all, its bytes, or the unknown token. */
static void give_unknown(const struct giving *g, size_t from, size_t to) {
    const bool looks = !g->u->as_sentencepiece;
    const int32_t id = looks ? token_model_find(&g->u->base, g->s + from, to - from) : -1;
    bool bytes = g->u->byte_fallback && id < 0;
    for (size_t i = from; i < to && bytes; i++)
        bytes = g->u->bytes[(unsigned char)g->s[i]] >= 0;
    if (!bytes) {
        g->token(g->user, id >= 0 ? id : g->u->base.unk_id, from, to);
        return;
    }
    for (size_t i = from; i < to; i++)
        g->token(g->user, g->u->bytes[(unsigned char)g->s[i]], from, to);
}

/* Turns the links, which lead back, around; then gives the pieces in order. */
static void give(const struct giving *g, struct node *nodes, size_t n) {
    const int32_t unk_id = g->u->base.unk_id;
    size_t unknown = SIZE_MAX; /* where those in a row begin */
    size_t next = SIZE_MAX;
    for (size_t at = n; at != SIZE_MAX;) {
        const size_t from = at ? nodes[at].from : SIZE_MAX;
        nodes[at].from = next;
        next = at;
        at = from;
    }
    for (size_t from = 0, to; from < n; from = to) {
        to = nodes[from].from;
        const bool known = nodes[to].id != unk_id;
        if (!known && unknown == SIZE_MAX)
            unknown = from;
        if (known && unknown != SIZE_MAX)
            give_unknown(g, unknown, from);
        if (known) {
            unknown = SIZE_MAX;
            g->token(g->user, nodes[to].id, from, to);
        }
    }
    if (unknown != SIZE_MAX)
        give_unknown(g, unknown, n);
}

static void encode(const struct token_model *m, const char *s, size_t n, word_sink *token,
                   void *user) {
    const struct unigram *u = (const struct unigram *)m;
    const struct giving g = {u, s, token, user};
    struct node *nodes = mem_alloc((n + 1) * sizeof *nodes);
    for (size_t i = 0; i <= n; i++)
        nodes[i].from = SIZE_MAX;
    for (size_t at = 0, length; at < n; at += length) {
        length = character_length(s + at, n - at);
        extend(u, nodes, s, at, n, length);
    }
    give(&g, nodes, n);
    free(nodes);
}
