/*
 * Where tokens stand in the text they were made from. A token's bytes are what it stands for, which
 * is the text itself but for what normalisation changed: where the two differ they are compared as
 * folded characters (compatibility decomposition, case folded, marks and ignorable characters
 * dropped), a few characters ahead. Linear in the text.
 */
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/token.h"

#include <string.h>
#include <utf8proc.h>

#define MOST_POINTS 32 /* of one folded character */
#define AHEAD 8        /* characters of the text that normalisation may have dropped at once */

struct cursor {
    const char *text;
    size_t n, at;
};

/* A character's folded code points; *length: its bytes. */
static int fold(utf8proc_int32_t *points, const char *s, size_t n, size_t *length) {
    utf8proc_int32_t point;
    int unused = 0;
    const utf8proc_ssize_t k =
        utf8proc_iterate((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &point);
    *length = k > 0 ? (size_t)k : 1;
    if (k <= 0)
        return 0;
    const utf8proc_ssize_t found =
        utf8proc_decompose_char(point, points, MOST_POINTS,
                                UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
                                    UTF8PROC_STRIPMARK | UTF8PROC_IGNORE,
                                &unused);
    return found > 0 && found <= MOST_POINTS ? (int)found : 0;
}

static bool starts_with(const struct cursor *c, const char *s, size_t n) {
    return n <= c->n - c->at && memcmp(c->text + c->at, s, n) == 0;
}

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A special token has a place where it stands written out, perhaps behind blanks. */
static bool place_written(struct cursor *c, const char *piece, struct token_place *out) {
    const size_t n = strlen(piece);
    struct cursor next = *c;
    while (next.at < next.n && is_blank(next.text[next.at]) && !starts_with(&next, piece, n))
        next.at++;
    if (n == 0 || !starts_with(&next, piece, n))
        return false;
    *out = (struct token_place){next.at, next.at + n, true};
    c->at = next.at + n;
    return true;
}

/* Exactly, or without the blanks in front that a tokenizer added. */
static bool place_exactly(struct cursor *c, const char *s, size_t n, struct token_place *out) {
    while (n && *s == ' ' && !starts_with(c, s, n)) {
        s++;
        n--;
    }
    if (!n || !starts_with(c, s, n))
        return false;
    *out = (struct token_place){c->at, c->at + n, true};
    c->at += n;
    return true;
}

/* Whether one of a character's folded points is `point`, with what is left of them behind it. */
static bool holds(const utf8proc_int32_t *points, int n, utf8proc_int32_t point) {
    for (int i = 0; i < n; i++)
        if (points[i] == point)
            return true;
    return false;
}

/* Moves to the next character near the cursor that folds to `point`; *from, *to: its bytes. The one
 * at *to's end may stand for several points (a ligature), and so is looked at again. */
static bool seek(const struct cursor *c, const struct token_place *last, utf8proc_int32_t point,
                 size_t *from, size_t *to) {
    utf8proc_int32_t points[MOST_POINTS];
    size_t length, at = c->at;
    if (last->known && last->to == c->at) {
        const int n = fold(points, c->text + last->from, c->n - last->from, &length);
        if (n > 1 && last->from + length == last->to && holds(points + 1, n - 1, point)) {
            *from = last->from;
            *to = last->to;
            return true;
        }
    }
    for (int i = 0; i < AHEAD && at < c->n; i++, at += length) {
        const int n = fold(points, c->text + at, c->n - at, &length);
        if (!holds(points, n, point))
            continue;
        *from = at;
        *to = at + length;
        return true;
    }
    return false;
}

/* Marks that folding dropped belong to the character before them. */
static void take_marks(struct cursor *c, size_t *to) {
    utf8proc_int32_t points[MOST_POINTS];
    size_t length;
    while (c->at < c->n && fold(points, c->text + c->at, c->n - c->at, &length) == 0)
        c->at += length;
    *to = c->at;
}

/* `last`: the character found last, for ligatures that several tokens share. */
static bool place_folded(struct cursor *c, struct token_place *last, const char *s, size_t n,
                         struct token_place *out) {
    utf8proc_int32_t points[MOST_POINTS];
    size_t length;
    *out = (struct token_place){c->at, c->at, false};
    for (size_t i = 0; i < n; i += length) {
        const int n_points = fold(points, s + i, n - i, &length);
        for (int k = 0; k < n_points; k++) {
            struct token_place here = {.known = true};
            /* A blank that the tokenizer put before the text is not looked for in it. */
            if (points[k] == ' ' && (c->at >= c->n || !is_blank(c->text[c->at])))
                continue;
            if (!seek(c, last, points[k], &here.from, &here.to))
                continue;
            out->from = out->known ? out->from : here.from;
            *last = here;
            c->at = here.to;
            out->to = here.to;
            out->known = true;
        }
    }
    if (out->known)
        take_marks(c, &out->to);
    return out->known;
}

/* How many tokens from the first on are needed for whole characters. */
static size_t whole_characters(const struct token *tokens, size_t n, struct text_buffer *bytes) {
    for (size_t i = 0; i < n && i < 4; i++) {
        text_buffer_add(bytes, tokens[i].bytes, tokens[i].n_bytes);
        if (text_valid_utf8(bytes->text, bytes->n, NULL))
            return i + 1;
    }
    return 1;
}

/* The place of the first of n tokens, and of those that share its characters; returns how many. */
static size_t place(struct cursor *c, struct token_place *last, const struct token *tokens,
                    size_t n, struct token_place *out) {
    struct text_buffer bytes = {0};
    size_t done = 1;
    *out = (struct token_place){c->at, c->at, false};
    if (tokens->special && place_written(c, tokens->piece, out))
        return 1;
    if (!tokens->n_bytes || (tokens->special && !token_is_unknown(tokens)) ||
        place_exactly(c, tokens->bytes, tokens->n_bytes, out))
        return 1;
    done = whole_characters(tokens, n, &bytes);
    (void)place_folded(c, last, bytes.text, bytes.n, out);
    for (size_t i = 1; i < done; i++)
        out[i] = out[0];
    text_buffer_dispose(&bytes);
    return done;
}

void token_places(struct token_place *out, const struct token_list *list, const char *text,
                  size_t n) {
    struct cursor c = {text, n, 0};
    struct token_place last = {0};
    for (size_t i = 0; i < list->n;)
        i += place(&c, &last, &list->items[i], list->n - i, &out[i]);
}
