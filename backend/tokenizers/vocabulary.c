#include "backend/tokenizers/vocabulary.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a, folded: pieces are short. */
static size_t hash(const char *s, size_t n) {
    uint64_t h = 1469598103934665603u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 1099511628211u;
    return (size_t)(h ^ (h >> 29));
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
static size_t slot_of(const struct vocabulary *v, const char *piece, size_t n) {
    size_t slot = hash(piece, n) & (v->n_table - 1);
    while (v->table[slot] >= 0) {
        size_t length;
        const char *other = vocabulary_piece(v, v->table[slot], &length);
        if (length == n && memcmp(other, piece, n) == 0)
            break;
        slot = (slot + 1) & (v->n_table - 1);
    }
    return slot;
}

void vocabulary_index(struct vocabulary *v) {
    v->table = mem_resize(v->table, v->n_table * sizeof *v->table);
    memset(v->table, 0xFF, v->n_table * sizeof *v->table);
    for (int32_t id = 0; id < v->n; id++) {
        size_t n;
        const char *piece = vocabulary_piece(v, id, &n);
        size_t slot = slot_of(v, piece, n);
        if (v->table[slot] < 0 || v->last_counts)
            v->table[slot] = id;
    }
}

void vocabulary_append(struct vocabulary *v, const char *piece, size_t n) {
    v->start = mem_resize(v->start, ((size_t)v->n + 2) * sizeof *v->start);
    vocabulary_add(v, piece, n);
    if (2 * (size_t)v->n > v->n_table) {
        v->n_table *= 2;
        vocabulary_index(v);
        return;
    }
    const size_t slot = slot_of(v, piece, n);
    if (v->table[slot] < 0)
        v->table[slot] = v->n - 1;
}

int32_t vocabulary_find(const struct vocabulary *v, const char *piece, size_t n) {
    return v->table[slot_of(v, piece, n)];
}
