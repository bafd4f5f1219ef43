#include "aggregators/text/words.h"

#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* --- characters --- */

/* Unicode blocks of scripts written without spaces: Thai and Lao, Tibetan is not (it has its
 * tsheg), Myanmar, Khmer, kana, Han, and their further blocks. Unicode 15, Blocks.txt. */
static bool unspaced(utf8proc_int32_t c) {
    static const utf8proc_int32_t ranges[][2] = {
        {0x0E00, 0x0EFF}, {0x1000, 0x109F}, {0x1780, 0x17FF},   {0x1950, 0x19DF},
        {0x2E80, 0x2FDF}, {0x3005, 0x3007}, {0x3040, 0x30FF},   {0x31F0, 0x31FF},
        {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xA9E0, 0xA9FF},   {0xAA60, 0xAA7F},
        {0xF900, 0xFAFF}, {0xFF66, 0xFF9F}, {0x1B000, 0x1B16F}, {0x20000, 0x3FFFF}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

static bool in_category(utf8proc_int32_t c, utf8proc_category_t from, utf8proc_category_t to) {
    const utf8proc_category_t category = c < 0 ? UTF8PROC_CATEGORY_CN : utf8proc_category(c);
    return category >= from && category <= to;
}

static bool is_letter(utf8proc_int32_t c) {
    return in_category(c, UTF8PROC_CATEGORY_LU, UTF8PROC_CATEGORY_LO) ||
           in_category(c, UTF8PROC_CATEGORY_ND, UTF8PROC_CATEGORY_NO);
}

static bool is_punctuation(utf8proc_int32_t c) {
    return in_category(c, UTF8PROC_CATEGORY_PC, UTF8PROC_CATEGORY_SO);
}

static bool is_space(utf8proc_int32_t c) {
    return (c >= 9 && c <= 13) || in_category(c, UTF8PROC_CATEGORY_ZS, UTF8PROC_CATEGORY_ZP);
}

/* The first character of n bytes and how long it is; −1: they are none. */
static utf8proc_int32_t first_character(const char *bytes, size_t n, size_t *length) {
    utf8proc_int32_t c = -1;
    const utf8proc_ssize_t got =
        utf8proc_iterate((const utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)n, &c);
    *length = got > 0 ? (size_t)got : 1;
    return got > 0 ? c : -1;
}

static utf8proc_int32_t last_character(const char *bytes, size_t n) {
    size_t from = n, length;
    while (from > 0 && n - from < 4)
        if (((unsigned char)bytes[--from] & 0xC0) != 0x80)
            break;
    const utf8proc_int32_t c = from < n ? first_character(bytes + from, n - from, &length) : -1;
    return from < n && length == n - from ? c : -1;
}

/* --- tokens --- */

bool word_stands_alone(const struct token *t) {
    return t->special && !token_is_unknown(t);
}

static bool starts_with(const char *text, const char *start) {
    return *start && strncmp(text, start, strlen(start)) == 0;
}

static bool has_end_marker(const struct token *t) {
    return text_ends_with(t->piece, "</w>") && !t->special;
}

static bool is_continuation(const struct token *t) {
    return starts_with(t->piece, "##") && t->piece[2];
}

static bool starts_with_space(const struct token *t) {
    size_t length;
    return starts_with(t->piece, "▁") || starts_with(t->piece, "Ġ") || starts_with(t->piece, "Ċ") ||
           is_space(first_character(t->bytes, t->n_bytes, &length));
}

/* White space with a line break, and nothing else. */
static bool is_break(const struct token *t) {
    size_t n = 0, length;
    bool any = false, blank = true;
    for (const char *at = t->bytes; n < t->n_bytes && blank; n += length, at += length) {
        const utf8proc_int32_t c = first_character(at, t->n_bytes - n, &length);
        any |= c == '\n';
        blank = is_space(c);
    }
    return any && blank;
}

static bool only_punctuation(const struct token *t) {
    size_t n = 0, length;
    bool any = false;
    for (const char *at = t->bytes; n < t->n_bytes; n += length, at += length) {
        const utf8proc_int32_t c = first_character(at, t->n_bytes - n, &length);
        const bool blank = is_space(c) || c == 0x2581;
        if (!blank && !is_punctuation(c))
            return false;
        any |= !blank;
    }
    return any;
}

/* The text of tokens, and where each ends in it: a character may be several tokens. */
struct joined {
    struct text_buffer text;
    size_t *ends;
};

static struct joined join(const struct token_list *list) {
    struct joined j = {.ends = mem_alloc(list->n * sizeof *j.ends)};
    for (size_t i = 0; i < list->n; i++) {
        text_buffer_add(&j.text, list->items[i].bytes, list->items[i].n_bytes);
        j.ends[i] = j.text.n;
    }
    return j;
}

static void dispose_joined(struct joined *j) {
    text_buffer_dispose(&j->text);
    free(j->ends);
}

/* Before token i: between two characters of a script without spaces, or of such a script and of
 * another. */
static bool script_parts(const struct joined *j, size_t i) {
    size_t length;
    const size_t at = j->ends[i - 1];
    const utf8proc_int32_t a = last_character(j->text.text, at),
                           b = first_character(j->text.text + at, j->text.n - at, &length);
    return (unspaced(a) && (unspaced(b) || is_letter(b))) || (unspaced(b) && is_letter(a));
}

/* --- markers --- */

struct marks {
    size_t space, continuation, end, n;
};

static void count_marks(struct marks *m, const struct token_list *list) {
    for (size_t i = 0; i < list->n; i++) {
        const struct token *t = &list->items[i];
        if (word_stands_alone(t))
            continue;
        m->n++;
        m->end += has_end_marker(t);
        m->continuation += is_continuation(t);
        m->space += starts_with_space(t);
    }
}

enum word_marker word_marker_of(const struct attribution_sequence *s) {
    struct marks m = {0};
    count_marks(&m, &s->source);
    count_marks(&m, &s->target);
    if (m.end)
        return MARKER_END;
    if (m.space)
        return MARKER_SPACE;
    return m.continuation ? MARKER_CONTINUATION : MARKER_NONE;
}

/* --- words --- */

static bool begins_by(enum word_marker marker, const struct token *before, const struct token *t) {
    switch (marker) {
    case MARKER_SPACE:
        return starts_with_space(t);
    case MARKER_CONTINUATION:
        return !is_continuation(t);
    case MARKER_END:
        return has_end_marker(before);
    case MARKER_NONE:
        break;
    }
    return true;
}

/* In the word [from, to): what is punctuation at its ends is parted from the rest. */
static void part_punctuation(bool *begins, const struct token_list *list, size_t from, size_t to) {
    size_t first = from, last = to;
    while (first < to && only_punctuation(&list->items[first]))
        first++;
    while (last > first && only_punctuation(&list->items[last - 1]))
        last--;
    if (first < last && first > from)
        begins[first] = true;
    if (first < last && last < to)
        begins[last] = true;
}

static void part_all(bool *begins, const struct token_list *list) {
    for (size_t from = 0, to; from < list->n; from = to) {
        for (to = from + 1; to < list->n && !begins[to];)
            to++;
        part_punctuation(begins, list, from, to);
    }
}

/* Special tokens stand alone. */
static bool parted(const struct token_list *list, size_t i) {
    return i == 0 || word_stands_alone(&list->items[i]) || word_stands_alone(&list->items[i - 1]);
}

const char words_without_spaces[] = "Where a script is written without spaces, each of the "
                                    "tokenizer's tokens counts as a word.";

bool words_begin(bool *begins, const struct token_list *list, const struct word_rules *rules) {
    bool without_spaces = false;
    struct joined j = join(list);
    for (size_t i = 0; i < list->n; i++) {
        const struct token *t = &list->items[i], *before = i ? t - 1 : t;
        begins[i] = parted(list, i) || begins_by(rules->marker, before, t) ||
                    (rules->breaks_apart && (is_break(t) || is_break(before)));
        if (!begins[i] && j.text.n && script_parts(&j, i))
            begins[i] = without_spaces = true;
    }
    dispose_joined(&j);
    if (rules->apart)
        part_all(begins, list);
    return without_spaces;
}

bool words_begin_marked(bool *begins, const struct token_list *list, const char *const *markers,
                        size_t n_markers, bool joins, bool apart) {
    bool any = false;
    for (size_t i = 0; i < list->n; i++) {
        bool marked = false;
        for (size_t k = 0; k < n_markers; k++)
            marked |= starts_with(list->items[i].piece, markers[k]);
        any |= marked;
        begins[i] = parted(list, i) || marked != joins;
    }
    if (apart)
        part_all(begins, list);
    return any;
}
