#include "backend/tokenizers/word_models.h"

#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/trie.h"

#include <stdlib.h>
#include <string.h>

/* --- WordPiece --- */

struct wordpiece_model {
    struct token_model base;
    struct trie first, inside; /* pieces, and those with the prefix, without it */
    int64_t longest;
};

static void free_wordpiece(struct token_model *m) {
    struct wordpiece_model *w = (struct wordpiece_model *)m;
    trie_dispose(&w->first);
    trie_dispose(&w->inside);
    free(w);
}

/* A word that is not made of pieces is unknown as a whole. */
static void encode_wordpiece(const struct token_model *m, const char *s, size_t n, word_sink *token,
                             void *user) {
    const struct wordpiece_model *w = (const struct wordpiece_model *)m;
    size_t at = 0, length = (int64_t)character_count(s, n) <= w->longest;
    for (; at < n && length; at += length)
        trie_longest(at ? &w->inside : &w->first, s + at, n - at, &length);
    if (!length) {
        token(user, m->unk_id, 0, n);
        return;
    }
    for (at = 0; at < n; at += length) {
        const int32_t id = trie_longest(at ? &w->inside : &w->first, s + at, n - at, &length);
        token(user, id, at, at + length);
    }
}

static const struct token_model_ops wordpiece = {"WordPiece", encode_wordpiece, free_wordpiece};

struct token_model *wordpiece_model_new(const struct vocabulary *vocabulary,
                                        const unsigned char *own, const char *prefix,
                                        int64_t longest, int32_t unk_id) {
    const size_t n_prefix = strlen(prefix);
    struct wordpiece_model *w = mem_alloc(sizeof *w);
    w->base = (struct token_model){&wordpiece, vocabulary, own, unk_id};
    w->longest = longest;
    for (int32_t id = 0; id < vocabulary->n; id++) {
        size_t n;
        const char *piece = vocabulary_piece(vocabulary, id, &n);
        if (!own[id] || n == 0)
            continue;
        trie_add(&w->first, piece, n, id, 1);
        if (n > n_prefix && memcmp(piece, prefix, n_prefix) == 0)
            trie_add(&w->inside, piece + n_prefix, n - n_prefix, id, 1);
    }
    return &w->base;
}

/* --- WordLevel --- */

static void free_word_level(struct token_model *m) {
    free(m);
}

static void encode_word_level(const struct token_model *m, const char *s, size_t n,
                              word_sink *token, void *user) {
    const int32_t id = token_model_find(m, s, n);
    token(user, id < 0 ? m->unk_id : id, 0, n);
}

static const struct token_model_ops word_level = {"WordLevel", encode_word_level, free_word_level};

struct token_model *word_level_model_new(const struct vocabulary *vocabulary,
                                         const unsigned char *own, int32_t unk_id) {
    struct token_model *m = mem_alloc(sizeof *m);
    *m = (struct token_model){&word_level, vocabulary, own, unk_id};
    return m;
}
