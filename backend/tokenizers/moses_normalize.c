/* Punctuation made simple: what Moses' replace-unicode-punctuation.perl, normalize-punctuation.perl
 * and remove-non-printing-char.perl do, in the order of their steps. */
#include "backend/tokenizers/moses_pass.h"
#include "backend/tokenizers/words.h"

#include <string.h>
#include <utf8proc.h>

#define NBSP "\u00A0"

static bool is_decimal(int32_t c) {
    return c >= 0 && utf8proc_category(c) == UTF8PROC_CATEGORY_ND;
}

static bool is_space(int32_t c) {
    return c == ' ';
}

static bool is_dot(int32_t c) {
    return c == '.';
}

static bool is_stop(int32_t c) {
    return c == ',' || c == '.';
}

static bool starts(const struct aligned *in, size_t at, const char *s) {
    const size_t n = strlen(s);
    return n <= in->n - at && memcmp(in->text + at, s, n) == 0;
}

/* --- steps that look around them --- */

/* A full stop takes the white space behind it. */
static size_t full_stop(const struct aligned *in, size_t at, struct aligned *out,
                        const char *mark) {
    size_t n = strlen(mark);
    if (!starts(in, at, mark))
        return 0;
    n += moses_run(in, at + n, moses_is_white);
    moses_put(out, ". ", in, at, at + n);
    return n;
}

static size_t ideographic_stop(const struct moses *m, const struct aligned *in, size_t at,
                               struct aligned *out) {
    (void)m;
    return full_stop(in, at, out, "\u3002");
}

static size_t fullwidth_stop(const struct moses *m, const struct aligned *in, size_t at,
                             struct aligned *out) {
    (void)m;
    return full_stop(in, at, out, "\uFF0E");
}

static size_t one_space(const struct moses *m, const struct aligned *in, size_t at,
                        struct aligned *out) {
    const size_t n = moses_run(in, at, is_space);
    (void)m;
    if (n)
        moses_put(out, " ", in, at, at + n);
    return n;
}

static size_t behind_bracket(const struct moses *m, const struct aligned *in, size_t at,
                             struct aligned *out) {
    (void)m;
    if (!starts(in, at, ") ") || at + 2 >= in->n || !memchr(".!:?;,", in->text[at + 2], 6))
        return 0;
    moses_put(out, ")", in, at, at + 2);
    aligned_copy(out, in, at + 2, at + 3);
    return 3;
}

/* A digit, `between`, and `behind`, which stays: what lies between becomes another. */
static size_t behind_digit(const struct aligned *in, size_t at, struct aligned *out,
                           const char *between, bool (*behind)(int32_t c), const char *becomes) {
    size_t n, n_behind;
    if (!is_decimal(moses_at(in, at, &n)) || !starts(in, at + n, between))
        return 0;
    const size_t next = at + n + strlen(between);
    if (!behind(moses_at(in, next, &n_behind)))
        return 0;
    aligned_copy(out, in, at, at + n);
    moses_put(out, becomes, in, at + n, next);
    aligned_copy(out, in, next, next + n_behind);
    return next + n_behind - at;
}

static bool is_percent(int32_t c) {
    return c == '%';
}

static size_t percent(const struct moses *m, const struct aligned *in, size_t at,
                      struct aligned *out) {
    (void)m;
    return behind_digit(in, at, out, " ", is_percent, "");
}

static size_t thousands(const struct moses *m, const struct aligned *in, size_t at,
                        struct aligned *out) {
    const bool comma = words_hold("de es cz cs fr", m->language);
    return behind_digit(in, at, out, NBSP, is_decimal, comma ? "," : ".");
}

/* Writes bytes [first, second) behind [second, end), all of which stand for both. */
static void swap(const struct aligned *in, size_t first, size_t second, size_t end,
                 struct aligned *out) {
    const struct origin all = {in->origins[first].from, in->origins[end - 1].to};
    aligned_add(out, in->text + second, end - second, all);
    aligned_add(out, in->text + first, second - first, all);
}

/* English: a quotation mark goes behind stops. */
static size_t quote_before_stops(const struct moses *m, const struct aligned *in, size_t at,
                                 struct aligned *out) {
    (void)m;
    const size_t n = in->text[at] == '"' ? moses_run(in, at + 1, is_stop) : 0;
    if (n == 0)
        return 0;
    swap(in, at, at + 1, at + 1 + n, out);
    return 1 + n;
}

/* German, Spanish, French: it goes before full stops, where something but a tag follows. */
static size_t stops_before_quote(const struct moses *m, const struct aligned *in, size_t at,
                                 struct aligned *out) {
    const size_t n = moses_run(in, at, is_dot), quote = at + n;
    size_t length;
    (void)m;
    if (n == 0)
        return 0;
    if (quote >= in->n || in->text[quote] != '"') {
        aligned_copy(out, in, at, quote);
        return n;
    }
    const size_t white = moses_run(in, quote + 1, moses_is_white), next = quote + 1 + white;
    const int32_t c = moses_at(in, next, &length);
    if ((c < 0 || c == '<') && white == 0) {
        aligned_copy(out, in, at, quote + 1);
        return n + 1;
    }
    swap(in, at, quote, quote + 1, out);
    const size_t end = c < 0 || c == '<' ? next : next + length;
    aligned_copy(out, in, quote + 1, end);
    return end - at;
}

static size_t drop_unprinted(const struct moses *m, const struct aligned *in, size_t at,
                             struct aligned *out) {
    size_t n;
    const utf8proc_category_t c = utf8proc_category(moses_at(in, at, &n));
    const bool printed = c != UTF8PROC_CATEGORY_CC && c != UTF8PROC_CATEGORY_CF &&
                         c != UTF8PROC_CATEGORY_CN && c != UTF8PROC_CATEGORY_CS &&
                         c != UTF8PROC_CATEGORY_CO;
    (void)m, (void)out;
    return printed ? 0 : n;
}

/* --- all of them --- */

struct normal {
    const char *from, *to; /* NULL: the rule says */
    moses_rule *rule;
    const char *languages; /* NULL: all */
};

static const struct normal steps[] = {
    /* replace-unicode-punctuation */
    {"\uFF0C", ",", NULL, NULL},
    {NULL, NULL, ideographic_stop, NULL},
    {"\u3001", ",", NULL, NULL},
    {"\u201D", "\"", NULL, NULL},
    {"\u201C", "\"", NULL, NULL},
    {"\u2236", ":", NULL, NULL},
    {"\uFF1A", ":", NULL, NULL},
    {"\uFF1F", "?", NULL, NULL},
    {"\u300A", "\"", NULL, NULL},
    {"\u300B", "\"", NULL, NULL},
    {"\uFF09", ")", NULL, NULL},
    {"\uFF01", "!", NULL, NULL},
    {"\uFF08", "(", NULL, NULL},
    {"\uFF1B", ";", NULL, NULL},
    {"\u300D", "\"", NULL, NULL},
    {"\u300C", "\"", NULL, NULL},
    {"\uFF10", "0", NULL, NULL},
    {"\uFF11", "1", NULL, NULL},
    {"\uFF12", "2", NULL, NULL},
    {"\uFF13", "3", NULL, NULL},
    {"\uFF14", "4", NULL, NULL},
    {"\uFF15", "5", NULL, NULL},
    {"\uFF16", "6", NULL, NULL},
    {"\uFF17", "7", NULL, NULL},
    {"\uFF18", "8", NULL, NULL},
    {"\uFF19", "9", NULL, NULL},
    {NULL, NULL, fullwidth_stop, NULL},
    {"\uFF5E", "~", NULL, NULL},
    {"\u2019", "'", NULL, NULL},
    {"\u2026", "...", NULL, NULL},
    {"\u2501", "-", NULL, NULL},
    {"\u3008", "<", NULL, NULL},
    {"\u3009", ">", NULL, NULL},
    {"\u3010", "[", NULL, NULL},
    {"\u3011", "]", NULL, NULL},
    {"\uFF05", "%", NULL, NULL},
    /* normalize-punctuation: white space */
    {"\r", "", NULL, NULL},
    {"(", " (", NULL, NULL},
    {")", ") ", NULL, NULL},
    {NULL, NULL, one_space, NULL},
    {NULL, NULL, behind_bracket, NULL},
    {"( ", "(", NULL, NULL},
    {" )", ")", NULL, NULL},
    {NULL, NULL, percent, NULL},
    {" :", ":", NULL, NULL},
    {" ;", ";", NULL, NULL},
    /* quotation marks */
    {"`", "'", NULL, NULL},
    {"''", " \" ", NULL, NULL},
    {"\u201E", "\"", NULL, NULL},
    {"\u2013", "-", NULL, NULL},
    {"\u2014", " - ", NULL, NULL},
    {NULL, NULL, one_space, NULL},
    {"\u00B4", "'", NULL, NULL},
    {"\u2018", "'", NULL, NULL},
    {"\u201A", "'", NULL, NULL},
    {"''", "\"", NULL, NULL},
    {NBSP "\u00AB" NBSP, "\"", NULL, NULL},
    {"\u00AB" NBSP, "\"", NULL, NULL},
    {"\u00AB", "\"", NULL, NULL},
    {NBSP "\u00BB" NBSP, "\"", NULL, NULL},
    {NBSP "\u00BB", "\"", NULL, NULL},
    {"\u00BB", "\"", NULL, NULL},
    /* spaces that do not break */
    {NBSP "%", "%", NULL, NULL},
    {"n\u00BA" NBSP, "n\u00BA ", NULL, NULL},
    {NBSP ":", ":", NULL, NULL},
    {NBSP "\u00BAC", " \u00BAC", NULL, NULL},
    {NBSP "cm", " cm", NULL, NULL},
    {NBSP "?", "?", NULL, NULL},
    {NBSP "!", "!", NULL, NULL},
    {NBSP ";", ";", NULL, NULL},
    {"," NBSP, ", ", NULL, NULL},
    {NULL, NULL, one_space, NULL},
    /* order of quotation marks and stops; numbers */
    {NULL, NULL, quote_before_stops, "en"},
    {",\"", "\",", NULL, "de es fr"},
    {NULL, NULL, stops_before_quote, "de es fr"},
    {NULL, NULL, thousands, NULL},
};

void moses_normalize(const struct moses *m, struct aligned *text) {
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const struct normal *s = &steps[i];
        if (s->languages && !words_hold(s->languages, m->language))
            continue;
        if (s->rule)
            moses_pass(m, s->rule, text);
        else
            moses_replace(text, s->from, s->to);
    }
    moses_strip(text);
    moses_pass(m, drop_unprinted, text);
}
