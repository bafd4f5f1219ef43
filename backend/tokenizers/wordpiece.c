#include "backend/tokenizers/wordpiece.h"

#include "backend/tokenizers/characters.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* --- a text as characters ---------------------------------------------------------------- */

struct characters {
    int32_t *items;
    size_t n, capacity;
};

static void add(struct characters *s, int32_t c) {
    if (s->n == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 64;
        s->items = mem_resize(s->items, s->capacity * sizeof *s->items);
    }
    s->items[s->n++] = c;
}

/* Decomposes, drops what stands above or below a letter, and keeps the order of other marks. */
static void add_decomposed(struct characters *s, int32_t c) {
    int32_t parts[32];
    utf8proc_ssize_t n =
        utf8proc_decompose_char(c, parts, sizeof parts / sizeof *parts, UTF8PROC_DECOMPOSE, NULL);
    for (utf8proc_ssize_t i = 0; i < n && i < (utf8proc_ssize_t)(sizeof parts / sizeof *parts); i++)
        if (!character_is_accent(parts[i]))
            add(s, parts[i]);
}

static void lower(struct characters *s) {
    struct characters out = {0};
    for (size_t i = 0; i < s->n; i++) {
        add(&out, utf8proc_tolower(s->items[i]));
        if (s->items[i] == 0x130) /* the only capital whose small letter is two characters */
            add(&out, 0x307);
    }
    free(s->items);
    *s = out;
}

static struct characters normalise(const struct wordpiece *w, const char *text, size_t n) {
    struct characters s = {0};
    for (size_t at = 0; at < n;) {
        int32_t c;
        utf8proc_ssize_t used =
            utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(n - at), &c);
        at += used > 0 ? (size_t)used : 1;
        if (used <= 0 || c == 0 || (w->clean && (c == 0xFFFD || character_is_control(c))))
            continue;
        if (w->clean && character_is_white(c))
            c = ' ';
        const bool alone = w->space_chinese && character_is_ideograph(c);
        if (alone)
            add(&s, ' ');
        if (w->strip_accents)
            add_decomposed(&s, c);
        else
            add(&s, c);
        if (alone)
            add(&s, ' ');
    }
    if (w->lower_case)
        lower(&s);
    return s;
}

/* --- pieces ------------------------------------------------------------------------------ */

static void add_id(struct piece_ids *out, int32_t id) {
    if ((out->n & (out->n - 1)) == 0)
        out->items = mem_resize(out->items, (out->n ? 2 * out->n : 1) * sizeof *out->items);
    out->items[out->n++] = id;
}

/* One word: the longest piece from the left, again and again; a word of which any part is in no
 * piece is unknown as a whole. */
static void add_word(const struct wordpiece *w, const int32_t *word, size_t n,
                     struct piece_ids *out) {
    const size_t before = out->n, n_prefix = strlen(w->prefix);
    bool known = (int64_t)n <= w->longest_word;
    char *text = known ? mem_alloc(n_prefix + 4 * n + 1) : NULL;
    size_t *ends = known ? mem_alloc((n + 1) * sizeof *ends) : NULL;
    for (size_t from = 0; from < n && known;) {
        size_t bytes = from ? n_prefix : 0, to = n;
        int32_t id = -1;
        memcpy(text, w->prefix, bytes);
        for (size_t i = from; i < n; i++) {
            bytes += (size_t)utf8proc_encode_char(word[i], (utf8proc_uint8_t *)text + bytes);
            ends[i + 1] = bytes;
        }
        for (; to > from && (id = vocabulary_find(&w->vocabulary, text, ends[to])) < 0; to--)
            ;
        known = id >= 0;
        if (known)
            add_id(out, id);
        from = to;
    }
    if (!known) {
        out->n = before;
        add_id(out, w->unknown);
    }
    free(text);
    free(ends);
}

void wordpiece_encode(const struct wordpiece *w, const char *text, size_t n_text,
                      struct piece_ids *out) {
    struct characters s = normalise(w, text, n_text);
    size_t from = 0;
    for (size_t i = 0; i <= s.n; i++) {
        bool white = i == s.n || character_is_white(s.items[i]),
             alone = !white && character_is_punctuation(s.items[i]);
        if (!white && !alone)
            continue;
        if (i > from)
            add_word(w, s.items + from, i - from, out);
        if (alone)
            add_word(w, s.items + i, 1, out);
        from = i + 1;
    }
    free(s.items);
}

void wordpiece_dispose(struct wordpiece *w) {
    vocabulary_dispose(&w->vocabulary);
    free(w->prefix);
    *w = (struct wordpiece){0};
}
