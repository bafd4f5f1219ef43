#include "backend/tokenizers/score_merges.h"

#include <stdlib.h>
#include <string.h>

#define MOST_BYTES 512 /* of a piece: sentencepiece's own limit is 16 characters unless told */

struct cut {
    int32_t left, right; /* ids */
    struct score_merge merge;
};

struct merges {
    struct score_merge *items;
    size_t n, capacity;
};

static void add(struct merges *m, const struct score_merge *merge) {
    if (m->n == m->capacity) {
        m->capacity = m->capacity ? 2 * m->capacity : 1024;
        m->items = mem_resize(m->items, m->capacity * sizeof *m->items);
    }
    m->items[m->n] = *merge;
    m->items[m->n].order = (uint32_t)m->n;
    m->n++;
}

static int by_ids(const void *a, const void *b) {
    const struct cut *x = a, *y = b;
    if (x->left != y->left)
        return x->left < y->left ? -1 : 1;
    return (x->right > y->right) - (x->right < y->right);
}

static bool begins_character(char c) {
    return ((unsigned char)c & 0xC0) != 0x80;
}

static uint32_t characters(const char *s, size_t n) {
    uint32_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += begins_character(s[i]);
    return count;
}

/* All cuts of one piece, in the order of their parts' ids. */
static void cut_piece(struct merges *out, const char *piece, size_t n, float score,
                      const struct vocabulary *known) {
    struct cut cuts[MOST_BYTES];
    size_t n_cuts = 0;
    const uint32_t all = characters(piece, n);
    uint32_t left = 0;
    for (size_t at = 1; at < n; at++) {
        left += begins_character(piece[at - 1]);
        if (!begins_character(piece[at]))
            continue;
        struct cut *c = &cuts[n_cuts];
        c->left = vocabulary_find(known, piece, at);
        if (c->left < 0)
            continue;
        c->right = vocabulary_find(known, piece + at, n - at);
        if (c->right < 0)
            continue;
        c->merge =
            (struct score_merge){piece, (uint32_t)n, (uint32_t)at, score, left, all - left, 0};
        n_cuts++;
    }
    qsort(cuts, n_cuts, sizeof *cuts, by_ids);
    for (size_t i = 0; i < n_cuts; i++)
        add(out, &cuts[i].merge);
}

/* Highest score first; then the longer left, the longer right part; then as found. */
static int by_rank(const void *a, const void *b) {
    const struct score_merge *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    if (x->left != y->left)
        return x->left > y->left ? -1 : 1;
    if (x->right != y->right)
        return x->right > y->right ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

enum err_code score_merges(struct score_merge **out, size_t *n_out, const struct vocabulary *pieces,
                           const float *scores, const struct vocabulary *known, const char *path,
                           struct err *e) {
    struct merges m = {0};
    for (int32_t i = 0; i < pieces->n; i++) {
        size_t n;
        const char *piece = vocabulary_piece(pieces, i, &n);
        if (n > MOST_BYTES) {
            free(m.items);
            return err_set(e, ERR_FORMAT, "%s: piece %d is longer than %d bytes", path, i,
                           MOST_BYTES);
        }
        cut_piece(&m, piece, n, scores[i], known);
    }
    if (m.n)
        qsort(m.items, m.n, sizeof *m.items, by_rank);
    *out = m.items;
    *n_out = m.n;
    return ERR_OK;
}
