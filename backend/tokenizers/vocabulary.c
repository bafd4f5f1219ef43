#include "backend/tokenizers/vocabulary.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a, folded: pieces are short. */
static uint32_t hash(const char *s, size_t n) {
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 1099511628211u;
    return (uint32_t)(h ^ (h >> 29));
}

void vocabulary_init(struct vocabulary *v, int32_t n) {
    *v = (struct vocabulary){0};
    v->start = mem_alloc(((size_t)n + 1) * sizeof *v->start);
    v->n_table = 16;
    while (v->n_table < 2 * (size_t)n)
        v->n_table *= 2;
}

void vocabulary_dispose(struct vocabulary *v) {
    text_buffer_dispose(&v->text);
    free(v->start);
    free(v->table);
    *v = (struct vocabulary){0};
}

void vocabulary_add(struct vocabulary *v, const char *piece, size_t n) {
    text_buffer_add(&v->text, piece, n);
    text_buffer_add(&v->text, "", 1);
    v->start[++v->n] = v->text.n;
}

const char *vocabulary_piece(const struct vocabulary *v, int32_t id, size_t *n) {
    if (n)
        *n = v->start[id + 1] - v->start[id] - 1;
    return v->text.text + v->start[id];
}

/* The slot of a piece: where it stands, or the free one where it would go. */
static struct vocabulary_slot *slot_of(const struct vocabulary *v, const char *piece, size_t n,
                                       uint32_t key) {
    size_t at = key & (v->n_table - 1);
    for (; v->table[at].id >= 0; at = (at + 1) & (v->n_table - 1)) {
        size_t length;
        if (v->table[at].hash != key)
            continue;
        const char *other = vocabulary_piece(v, v->table[at].id, &length);
        if (length == n && memcmp(other, piece, n) == 0)
            break;
    }
    return &v->table[at];
}

static void index_piece(struct vocabulary *v, int32_t id) {
    size_t n;
    const char *piece = vocabulary_piece(v, id, &n);
    const uint32_t key = hash(piece, n);
    struct vocabulary_slot *slot = slot_of(v, piece, n, key);
    if (slot->id < 0 || v->last_counts)
        *slot = (struct vocabulary_slot){id, key};
}

void vocabulary_index(struct vocabulary *v) {
    v->table = mem_resize(v->table, v->n_table * sizeof *v->table);
    memset(v->table, 0xFF, v->n_table * sizeof *v->table);
    for (int32_t id = 0; id < v->n; id++)
        index_piece(v, id);
}

void vocabulary_append(struct vocabulary *v, const char *piece, size_t n) {
    v->start = mem_resize(v->start, ((size_t)v->n + 2) * sizeof *v->start);
    vocabulary_add(v, piece, n);
    if (2 * (size_t)v->n > v->n_table) {
        v->n_table *= 2;
        vocabulary_index(v);
        return;
    }
    index_piece(v, v->n - 1);
}

int32_t vocabulary_find(const struct vocabulary *v, const char *piece, size_t n) {
    return slot_of(v, piece, n, hash(piece, n))->id;
}
