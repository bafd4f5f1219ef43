/* A text cut into words. What Moses' tokenizer.perl does, in the order of its steps. */
#include "backend/tokenizers/moses_pass.h"
#include "backend/tokenizers/words.h"

#include <string.h>

static bool is_letter(int32_t c) {
    return moses_is(MOSES_LETTER, c) || moses_is(MOSES_SIGN, c);
}

static bool is_number(int32_t c) {
    return moses_is(MOSES_NUMBER, c);
}

static bool is_alphanumeric(int32_t c) {
    return is_letter(c) || moses_is(MOSES_DIGIT, c);
}

static size_t white_to_space(const struct moses *m, const struct aligned *in, size_t at,
                             struct aligned *out) {
    const size_t n = moses_run(in, at, moses_is_white);
    (void)m;
    if (n)
        moses_put(out, " ", in, at, at + n);
    return n;
}

static size_t drop_control(const struct moses *m, const struct aligned *in, size_t at,
                           struct aligned *out) {
    (void)m, (void)out;
    return (unsigned char)in->text[at] < 0x20;
}

/* --- marks by themselves --- */

static size_t pad_marks(const struct moses *m, const struct aligned *in, size_t at,
                        struct aligned *out) {
    size_t n;
    const int32_t c = moses_at(in, at, &n);
    (void)m;
    if (is_alphanumeric(c) || moses_is_white(c) || (c < 0x80 && strchr(".'`,-", c)))
        return 0;
    moses_put(out, " ", in, at, at + n);
    aligned_copy(out, in, at, at + n);
    moses_put(out, " ", in, at, at + n);
    return n;
}

static size_t split_dash(const struct moses *m, const struct aligned *in, size_t at,
                         struct aligned *out) {
    size_t n;
    (void)m;
    if (in->text[at] != '-' || !is_alphanumeric(moses_before(in, at)) ||
        !is_alphanumeric(moses_at(in, at + 1, &n)))
        return 0;
    moses_put(out, " @-@ ", in, at, at + 1);
    return 1;
}

static bool is_dot(int32_t c) {
    return c == '.';
}

/* Several dots are a word, written out meanwhile, as there: a text that has it is changed too. */
static size_t hide_dots(const struct moses *m, const struct aligned *in, size_t at,
                        struct aligned *out) {
    const size_t n = moses_run(in, at, is_dot);
    (void)m;
    if (n < 2)
        return 0;
    moses_put(out, " ", in, at, at + 1);
    for (size_t i = 0; i < n; i++)
        moses_put(out, "DOT", in, at + i, at + i + 1);
    moses_put(out, at + n < in->n ? "MULTI " : "MULTI", in, at + n - 1, at + n);
    return n;
}

static size_t show_dots(const struct moses *m, const struct aligned *in, size_t at,
                        struct aligned *out) {
    size_t n = 0;
    (void)m;
    while (at + n + 3 <= in->n && memcmp(in->text + at + n, "DOT", 3) == 0)
        n += 3;
    if (n == 0)
        return 0;
    if (at + n + 5 > in->n || memcmp(in->text + at + n, "MULTI", 5) != 0) {
        aligned_copy(out, in, at, at + n);
        return n;
    }
    for (size_t i = 0; i < n; i += 3)
        moses_put(out, ".", in, at + i, at + i + 3);
    return n + 5;
}

/* --- commas, but within numbers --- */

static size_t comma_behind(const struct moses *m, const struct aligned *in, size_t at,
                           struct aligned *out) {
    size_t n, n_next;
    const int32_t c = moses_at(in, at, &n);
    (void)m;
    if (moses_at(in, at + n, &n_next) != ',' || is_number(c))
        return 0;
    aligned_copy(out, in, at, at + n);
    moses_put(out, " , ", in, at + n, at + n + 1);
    return n + 1;
}

static size_t comma_before(const struct moses *m, const struct aligned *in, size_t at,
                           struct aligned *out) {
    size_t n;
    const int32_t next = moses_at(in, at + 1, &n);
    (void)m;
    if (in->text[at] != ',' || next < 0 || is_number(next))
        return 0;
    moses_put(out, " , ", in, at, at + 1);
    aligned_copy(out, in, at + 1, at + 1 + n);
    return n + 1;
}

static size_t comma_at_end(const struct moses *m, const struct aligned *in, size_t at,
                           struct aligned *out) {
    (void)m;
    if (in->text[at] != ',' || at + 1 != in->n || !is_number(moses_before(in, at)))
        return 0;
    moses_put(out, " , ", in, at, at + 1);
    return 1;
}

/* --- apostrophes --- */

static bool is_any(int32_t c) {
    return c >= 0;
}

static bool is_other(int32_t c) {
    return !is_letter(c);
}

static bool is_no_number_either(int32_t c) {
    return is_other(c) && !is_number(c);
}

static bool is_s(int32_t c) {
    return c == 's';
}

/* One character on either side of an apostrophe, and what it becomes between them. */
struct apostrophe {
    const char *languages;
    bool (*before)(int32_t c), (*behind)(int32_t c);
    const char *becomes;
};

static const struct apostrophe apostrophes[] = {
    {"en fr it", is_other, is_other, " ' "}, {"en", is_no_number_either, is_letter, " ' "},
    {"fr it", is_other, is_letter, " ' "},   {"en fr it", is_letter, is_other, " ' "},
    {"en", is_letter, is_letter, " '"},      {"fr it", is_letter, is_letter, "' "},
    {"en", is_number, is_s, " '"},
};

static void split_between(const struct apostrophe *a, struct aligned *text) {
    struct aligned out = {0};
    size_t at = 0, n, n_behind;
    while (at < text->n) {
        const int32_t before = moses_at(text, at, &n);
        const bool mark = at + n < text->n && text->text[at + n] == '\'';
        const int32_t behind = mark ? moses_at(text, at + n + 1, &n_behind) : -1;
        aligned_copy(&out, text, at, at + n);
        at += n;
        if (!is_any(behind) || !a->before(before) || !a->behind(behind))
            continue;
        moses_put(&out, a->becomes, text, at, at + 1);
        aligned_copy(&out, text, at + 1, at + 1 + n_behind);
        at += 1 + n_behind;
    }
    aligned_dispose(text);
    *text = out;
}

static void split_apostrophes(const struct moses *m, struct aligned *text) {
    bool has_rules = false;
    for (size_t i = 0; i < sizeof apostrophes / sizeof *apostrophes; i++) {
        if (!words_hold(apostrophes[i].languages, m->language))
            continue;
        has_rules = true;
        split_between(&apostrophes[i], text);
    }
    if (!has_rules)
        moses_replace(text, "'", " ' ");
}

static size_t split_last(const struct moses *m, const struct aligned *in, size_t at,
                         struct aligned *out) {
    (void)m;
    if (in->text[at] != '.' || at + 2 != in->n || in->text[at + 1] != '\'')
        return 0;
    moses_put(out, " . ' ", in, at, at + 2);
    return 2;
}

/* --- full stops --- */

static bool has_letter(const struct aligned *in, size_t from, size_t to) {
    for (size_t at = from, n; at < to; at += n)
        if (is_letter(moses_at(in, at, &n)))
            return true;
    return false;
}

static bool holds(const struct vocabulary *v, const struct aligned *in, size_t from, size_t to) {
    return vocabulary_find(v, in->text + from, to - from) >= 0;
}

/* Whether the full stop of a word [from, to) is its own; `next` is the first character of the word
 * behind it, −1: it is the last. */
static bool keeps_dot(const struct moses *m, const struct aligned *in, size_t from, size_t to,
                      int32_t next) {
    const size_t end = to - 1; /* of what stands before it */
    const bool numeric = holds(&m->numeric, in, from, end);
    if (memchr(in->text + from, '.', end - from) && has_letter(in, from, end))
        return true;
    if (holds(&m->prefixes, in, from, end) && !numeric)
        return true;
    if (next >= 0 && moses_is(MOSES_SMALL, next))
        return true;
    return numeric && next >= '0' && next <= '9';
}

static bool is_black(int32_t c) {
    return !moses_is_white(c);
}

static void split_dots(const struct moses *m, struct aligned *text) {
    struct aligned out = {0};
    size_t at = moses_run(text, 0, moses_is_white), unused;
    while (at < text->n) {
        const size_t end = at + moses_run(text, at, is_black),
                     next = end + moses_run(text, end, moses_is_white);
        const bool ends = end - at > 1 && text->text[end - 1] == '.';
        const bool splits = ends && !keeps_dot(m, text, at, end, moses_at(text, next, &unused));
        aligned_copy(&out, text, at, end - splits);
        if (splits)
            moses_put(&out, " .", text, end - 1, end);
        if (next < text->n)
            moses_put(&out, " ", text, end, next);
        at = next;
    }
    aligned_dispose(text);
    *text = out;
}

/* --- all of it --- */

static size_t escape(const struct moses *m, const struct aligned *in, size_t at,
                     struct aligned *out) {
    static const char marks[] = "&|<>'\"[]";
    static const char *const names[] = {"&amp;",  "&#124;", "&lt;",  "&gt;",
                                        "&apos;", "&quot;", "&#91;", "&#93;"};
    const char *mark = in->text[at] ? strchr(marks, in->text[at]) : NULL;
    (void)m;
    if (!mark)
        return 0;
    moses_put(out, names[mark - marks], in, at, at + 1);
    return 1;
}

void moses_cut(const struct moses *m, struct aligned *text) {
    if (m->normalizes)
        moses_normalize(m, text);
    moses_pass(m, white_to_space, text);
    moses_pass(m, drop_control, text);
    moses_strip(text);
    moses_pass(m, pad_marks, text);
    moses_pass(m, split_dash, text);
    moses_pass(m, hide_dots, text);
    moses_pass(m, comma_behind, text);
    moses_pass(m, comma_before, text);
    moses_pass(m, comma_at_end, text);
    split_apostrophes(m, text);
    split_dots(m, text);
    moses_pass(m, split_last, text);
    moses_pass(m, show_dots, text);
    moses_pass(m, escape, text);
}
