#include "views/widgets/graphemes.h"

#include "backend/base/text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <utf8proc.h>

static bool is_ascii(const struct gap_text *t, size_t at) {
    return (unsigned char)gap_text_at(t, at) < 0x80;
}

/* The code point at an offset, U+FFFD where there is none; returns the offset behind it. */
static size_t point_at(utf8proc_int32_t *out, const struct gap_text *t, size_t at) {
    size_t n;
    const char *bytes = gap_text_piece(&n, t, at);
    utf8proc_ssize_t used =
        utf8proc_iterate((const uint8_t *)bytes, (utf8proc_ssize_t)(n < 4 ? n : 4), out);
    if (used > 0)
        return at + (size_t)used;
    *out = 0xFFFD;
    return at + (n > 0);
}

/* Where the code point begins that ends at `at`. */
static size_t point_before(utf8proc_int32_t *out, const struct gap_text *t, size_t at) {
    size_t from = at - 1;
    while (from > 0 && at - from < 4 && (gap_text_at(t, from) & 0xC0) == 0x80)
        from--;
    point_at(out, t, from);
    return from;
}

size_t grapheme_next(const struct gap_text *t, size_t at) {
    utf8proc_int32_t before, now, state = 0;
    const size_t n = gap_text_size(t);
    if (at >= n)
        return n;
    if (is_ascii(t, at) && is_ascii(t, at + 1)) /* there is no CR in the text */
        return at + 1;
    at = point_at(&before, t, at);
    while (at < n) {
        size_t next = point_at(&now, t, at);
        if (utf8proc_grapheme_break_stateful(before, now, &state))
            break;
        at = next;
        before = now;
    }
    return at;
}

/* Whatever stands before `first`: behind a joiner, a mark or a flag's letter it may matter. */
static bool always_breaks(utf8proc_int32_t first, utf8proc_int32_t second) {
    const utf8proc_propval_t class = utf8proc_get_property(first)->boundclass;
    return utf8proc_grapheme_break(first, second) && class != UTF8PROC_BOUNDCLASS_EXTEND &&
           class != UTF8PROC_BOUNDCLASS_ZWJ;
}

/* The last offset before `at` where a grapheme begins for certain. */
static size_t sure_start(const struct gap_text *t, size_t at) {
    utf8proc_int32_t first, second;
    at = point_before(&second, t, at);
    while (at > 0) {
        size_t from = point_before(&first, t, at);
        if (always_breaks(first, second))
            break;
        at = from;
        second = first;
    }
    return at;
}

size_t grapheme_previous(const struct gap_text *t, size_t at) {
    if (at <= 1)
        return 0;
    if (is_ascii(t, at - 1) && is_ascii(t, at - 2))
        return at - 1;
    size_t from = sure_start(t, at), next;
    while ((next = grapheme_next(t, from)) < at)
        from = next;
    return from;
}

char *grapheme_shown(const struct gap_text *t, size_t from, size_t to) {
    char *bytes = gap_text_copy(t, from, to), *shown = text_sanitise(bytes, to - from, false);
    free(bytes);
    return shown;
}

int grapheme_columns(const struct gap_text *t, size_t from, size_t to) {
    const char first = gap_text_at(t, from);
    if (first == '\n')
        return 0;
    if (to - from == 1 && first >= ' ' && first < 0x7F)
        return 1;
    char *shown = grapheme_shown(t, from, to);
    int columns = text_columns(shown);
    free(shown);
    return columns;
}

int grapheme_columns_between(const struct gap_text *t, size_t from, size_t to) {
    int columns = 0;
    for (size_t at = from, next; at < to; at = next) {
        next = grapheme_next(t, at);
        columns += grapheme_columns(t, at, next);
    }
    return columns;
}
