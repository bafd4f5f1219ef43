#include "backend/tokenizers/aligned.h"

#include "backend/tokenizers/characters.h"

#include <stdlib.h>
#include <string.h>

void aligned_dispose(struct aligned *a) {
    free(a->text);
    free(a->origins);
    *a = (struct aligned){0};
}

static void reserve(struct aligned *a, size_t n) {
    if (a->n + n <= a->capacity)
        return;
    while (a->capacity < a->n + n)
        a->capacity = a->capacity ? 2 * a->capacity : 64;
    a->text = mem_resize(a->text, a->capacity);
    a->origins = mem_resize(a->origins, a->capacity * sizeof *a->origins);
}

void aligned_add(struct aligned *a, const char *s, size_t n, struct origin origin) {
    reserve(a, n);
    for (size_t i = 0; i < n; i++) {
        a->text[a->n] = s[i];
        a->origins[a->n++] = origin;
    }
}

void aligned_copy(struct aligned *a, const struct aligned *from, size_t begin, size_t end) {
    if (begin == end)
        return;
    reserve(a, end - begin);
    memcpy(a->text + a->n, from->text + begin, end - begin);
    memcpy(a->origins + a->n, from->origins + begin, (end - begin) * sizeof *a->origins);
    a->n += end - begin;
}

void aligned_prepend(struct aligned *a, const char *s) {
    struct aligned out = {0};
    if (a->n == 0)
        return;
    aligned_add(&out, s, strlen(s), a->origins[0]);
    aligned_copy(&out, a, 0, a->n);
    aligned_dispose(a);
    *a = out;
}

void aligned_add_original(struct aligned *a, const char *text, size_t begin, size_t end) {
    reserve(a, end - begin);
    for (size_t at = begin; at < end;) {
        const size_t n = character_length(text + at, end - at);
        aligned_add(a, text + at, n, (struct origin){(uint32_t)at, (uint32_t)(at + n)});
        at += n;
    }
}

static void skip(struct rewriter *r, size_t n_characters) {
    for (; n_characters && r->at < r->in->n; n_characters--)
        r->at += character_length(r->in->text + r->at, r->in->n - r->at);
}

/* What a new character in front of all others stands for. */
static struct origin at_front(const struct aligned *in) {
    const uint32_t from = in->n ? in->origins[0].from : 0;
    return (struct origin){from, from};
}

void rewriter_put(struct rewriter *r, int32_t c, int change) {
    char text[4];
    const bool replaces = change <= 0 && r->at < r->in->n;
    struct origin origin = r->at ? r->in->origins[r->at - 1] : at_front(r->in);
    if (replaces) {
        origin = r->in->origins[r->at];
        skip(r, (size_t)(1 - change));
    }
    aligned_add(&r->out, text, character_write(c, text), origin);
}

void rewriter_finish(struct rewriter *r, struct aligned *text) {
    aligned_dispose(text);
    *text = r->out;
    r->out = (struct aligned){0};
}

/* The next character of the text; false at its end. */
static bool next_character(const struct aligned *text, size_t *at, int32_t *c) {
    size_t length;
    if (*at >= text->n)
        return false;
    *c = character_at(text->text + *at, text->n - *at, &length);
    *at += length;
    return true;
}

void aligned_filter(struct aligned *text, bool (*keep)(int32_t c)) {
    struct rewriter r = {.in = text};
    int32_t c, kept = -1;
    int dropped = 0;
    for (size_t at = 0; next_character(text, &at, &c);) {
        if (!keep(c)) {
            dropped++;
            continue;
        }
        if (kept >= 0)
            rewriter_put(&r, kept, -dropped);
        else
            skip(&r, (size_t)dropped);
        kept = c;
        dropped = 0;
    }
    if (kept >= 0)
        rewriter_put(&r, kept, -dropped);
    rewriter_finish(&r, text);
}

void aligned_map(struct aligned *text, size_t (*map)(int32_t c, int32_t out[4])) {
    struct rewriter r = {.in = text};
    int32_t c, made[4];
    for (size_t at = 0; next_character(text, &at, &c);) {
        const size_t n = map(c, made);
        for (size_t i = 0; i < n; i++)
            rewriter_put(&r, made[i], i > 0);
    }
    rewriter_finish(&r, text);
}
