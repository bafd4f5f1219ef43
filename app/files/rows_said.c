#include "app/files/rows_said.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* FNV-1a; two texts of one hash are told apart in the file. */
static uint64_t hash_of(const char *text, size_t n) {
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211U;
    return hash;
}

static bool stands_at(FILE *file, const char *text, size_t n, uint64_t at) {
    char *there = mem_alloc(n);
    const bool same = fflush(file) == 0 && pread(fileno(file), there, n, (off_t)at) == (ssize_t)n &&
                      memcmp(there, text, n) == 0;
    free(there);
    return same;
}

bool rows_said_have(const struct rows_said *s, FILE *file, const char *text, size_t n) {
    const uint64_t hash = hash_of(text, n);
    if (!s->size)
        return false;
    for (size_t i = hash & (s->size - 1); s->places[i].after; i = (i + 1) & (s->size - 1))
        if (s->places[i].hash == hash && stands_at(file, text, n, s->places[i].after - 1))
            return true;
    return false;
}

static void put(struct rows_said *s, struct said_place place) {
    size_t i = place.hash & (s->size - 1);
    while (s->places[i].after)
        i = (i + 1) & (s->size - 1);
    s->places[i] = place;
}

/* At least half of it stays free. */
static void grow(struct rows_said *s) {
    const struct rows_said old = *s;
    s->size = old.size ? 2 * old.size : 64;
    s->places = mem_alloc(s->size * sizeof *s->places);
    for (size_t i = 0; i < old.size; i++)
        if (old.places[i].after)
            put(s, old.places[i]);
    free(old.places);
}

void rows_said_add(struct rows_said *s, const char *text, size_t n, uint64_t at) {
    if (2 * (s->n + 1) > s->size)
        grow(s);
    put(s, (struct said_place){hash_of(text, n), at + 1});
    s->n++;
}

void rows_said_dispose(struct rows_said *s) {
    free(s->places);
    *s = (struct rows_said){0};
}
