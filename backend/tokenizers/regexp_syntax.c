/*
 * Oniguruma's Ruby syntax (doc/RE of version 6.9) in PCRE2's. What differs: ^ and $ are of lines;
 * (?m) is PCRE2's (?s); {n,m}+ repeats a repetition, it is not possessive; \h is a hexadecimal
 * digit and \v one character; classes nest and intersect; \s, \w, \d and properties have Unicode's
 * meaning; a script is what Script says, not Script_Extensions.
 */
#include "backend/base/mem.h"
#include "backend/tokenizers/regexp.h"
#include "backend/tokenizers/regexp_class.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 100, MAX_BYTES = 100000 };

struct translation {
    struct regexp_text in;
    struct text_buffer out;
    size_t groups[MAX_DEPTH]; /* where the open groups begin in `out` */
    size_t depth;
    size_t atom;   /* where the last thing that can be repeated begins in `out`; SIZE_MAX: none */
    bool repeated; /* it has been */
};

static bool next_is(const struct translation *t, const char *s) {
    return regexp_text_starts(&t->in, s);
}

static void begin_atom(struct translation *t) {
    t->atom = t->out.n;
    t->repeated = false;
}

/* Makes a group of the last atom, so that it can be repeated again. */
static void wrap_atom(struct translation *t) {
    char *atom = mem_text_n(t->out.text + t->atom, t->out.n - t->atom);
    t->out.n = t->atom;
    text_buffer_format(&t->out, "(?:%s)", atom);
    free(atom);
}

static enum err_code check_atom(struct translation *t, struct err *e) {
    if (t->atom == SIZE_MAX)
        return err_set(e, ERR_FORMAT, "%s: the expression repeats nothing at byte %zu", t->in.where,
                       t->in.at);
    if (t->repeated)
        wrap_atom(t);
    t->repeated = true;
    return ERR_OK;
}

/* One of * + ?, with ? or + behind it. */
static enum err_code quantifier(struct translation *t, struct err *e) {
    enum err_code code = check_atom(t, e);
    if (code)
        return code;
    text_buffer_add(&t->out, t->in.s + t->in.at++, 1);
    if (next_is(t, "?") || next_is(t, "+"))
        text_buffer_add(&t->out, t->in.s + t->in.at++, 1);
    return ERR_OK;
}

static size_t digits(const struct translation *t, size_t at) {
    size_t n = 0;
    while (at + n < t->in.n && isdigit((unsigned char)t->in.s[at + n]))
        n++;
    return n;
}

/* The bytes of {n}, {n,}, {,m} or {n,m}; 0: a brace that stands for itself. */
static size_t interval_length(const struct translation *t, bool *exact) {
    size_t at = t->in.at + 1;
    const size_t least = digits(t, at);
    at += least;
    *exact = at < t->in.n && t->in.s[at] == '}';
    if (*exact)
        return least ? at + 1 - t->in.at : 0;
    if (at >= t->in.n || t->in.s[at] != ',')
        return 0;
    const size_t most = digits(t, ++at);
    at += most;
    const bool closed = at < t->in.n && t->in.s[at] == '}' && (least || most);
    return closed ? at + 1 - t->in.at : 0;
}

static enum err_code interval(struct translation *t, struct err *e) {
    bool exact;
    const size_t n = interval_length(t, &exact);
    if (n == 0) {
        begin_atom(t);
        text_buffer_puts(&t->out, "\\{");
        t->in.at++;
        return ERR_OK;
    }
    enum err_code code = check_atom(t, e);
    if (code)
        return code;
    const char *s = t->in.s + t->in.at;
    text_buffer_format(&t->out, "{%s%.*s", s[1] == ',' ? "0" : "", (int)(n - 1), s + 1);
    t->in.at += n;
    if (!exact && next_is(t, "?"))
        text_buffer_add(&t->out, t->in.s + t->in.at++, 1);
    return ERR_OK;
}

static void open_group(struct translation *t, const char *as, size_t n_read) {
    t->groups[t->depth++] = t->out.n;
    text_buffer_puts(&t->out, as);
    t->in.at += n_read;
    t->atom = SIZE_MAX;
}

/* (?imx-imx) to the end of its group, or (?imx-imx: …). */
static enum err_code options(struct translation *t, struct err *e) {
    const size_t begin = t->in.at;
    const bool first = t->out.n == 0 ||
                       (t->depth && t->atom == SIZE_MAX && t->groups[t->depth - 1] + 3 >= t->out.n);
    struct text_buffer as = {0};
    size_t at = begin + 2;
    text_buffer_puts(&as, "(?");
    for (; at < t->in.n && strchr("im-", t->in.s[at]) && t->in.s[at]; at++)
        text_buffer_add(&as, t->in.s[at] == 'm' ? "s" : t->in.s + at, 1);
    const bool group = at < t->in.n && t->in.s[at] == ':',
               whole = at < t->in.n && t->in.s[at] == ')' && first && at > begin + 2;
    text_buffer_puts(&as, group ? ":" : ")");
    if (group)
        open_group(t, as.text, at + 1 - begin);
    else if (whole)
        text_buffer_puts(&t->out, as.text);
    if (whole)
        t->in.at = at + 1;
    text_buffer_dispose(&as);
    return group || whole ? ERR_OK : regexp_text_refuse(&t->in, begin, 3, e);
}

static enum err_code open_parenthesis(struct translation *t, struct err *e) {
    static const char *const same[] = {"(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!"};
    if (t->depth == MAX_DEPTH)
        return err_set(e, ERR_UNSUPPORTED, "%s: groups more than %d deep", t->in.where, MAX_DEPTH);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (next_is(t, same[i])) {
            open_group(t, same[i], strlen(same[i]));
            return ERR_OK;
        }
    if (next_is(t, "(?"))
        return options(t, e);
    open_group(t, "(", 1);
    return ERR_OK;
}

static enum err_code close_parenthesis(struct translation *t, struct err *e) {
    if (t->depth == 0)
        return err_set(e, ERR_FORMAT, "%s: the expression closes a group that is not open",
                       t->in.where);
    t->atom = t->groups[--t->depth];
    t->repeated = false;
    text_buffer_puts(&t->out, ")");
    t->in.at++;
    return ERR_OK;
}

/* What only stands outside a class: positions, and sequences of characters. */
static bool position(struct translation *t) {
    static const struct {
        char letter;
        const char *as;
    } table[] = {{'A', "\\A"},
                 {'z', "\\z"},
                 {'Z', "\\Z"},
                 {'G', "\\G"},
                 {'K', "\\K"},
                 {'R', "\\R"},
                 {'X', "\\X"},
                 {'b', "(?:(?<=[" REGEXP_WORD_ALONE "])(?![" REGEXP_WORD_ALONE
                       "])|(?<![" REGEXP_WORD_ALONE "])(?=[" REGEXP_WORD_ALONE "]))"},
                 {'B', "(?:(?<=[" REGEXP_WORD_ALONE "])(?=[" REGEXP_WORD_ALONE
                       "])|(?<![" REGEXP_WORD_ALONE "])(?![" REGEXP_WORD_ALONE "]))"}};
    if (t->in.at + 1 >= t->in.n)
        return false;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (t->in.s[t->in.at + 1] == table[i].letter) {
            text_buffer_puts(&t->out, table[i].as);
            t->in.at += 2;
            return true;
        }
    return false;
}

/* A character, or an escape that stands for one or for a class of them. */
static enum err_code character(struct translation *t, struct err *e) {
    begin_atom(t);
    if (t->in.s[t->in.at] == '\\' && position(t))
        return ERR_OK;
    return regexp_class_single(&t->in, &t->out, e);
}

static enum err_code one(struct translation *t, struct err *e) {
    switch (t->in.s[t->in.at]) {
    case '(':
        return open_parenthesis(t, e);
    case ')':
        return close_parenthesis(t, e);
    case '*':
    case '+':
    case '?':
        return quantifier(t, e);
    case '{':
        return interval(t, e);
    case '[':
        begin_atom(t);
        return regexp_class(&t->in, &t->out, e);
    case '|':
        t->atom = SIZE_MAX;
        break;
    case '.':
    case '^':
    case '$':
        begin_atom(t);
        break;
    default:
        return character(t, e);
    }
    text_buffer_add(&t->out, t->in.s + t->in.at++, 1);
    return ERR_OK;
}

static enum err_code finish(const struct translation *t, struct err *e) {
    if (t->depth)
        return err_set(e, ERR_FORMAT, "%s: the expression leaves a group open", t->in.where);
    return t->out.n ? regexp_check_folds(t->out.text, t->in.where, e) : ERR_OK;
}

enum err_code regexp_translate(char **out, const char *pattern, size_t n, const char *where,
                               struct err *e) {
    struct translation t = {.in = {pattern, n, 0, where}, .atom = SIZE_MAX};
    enum err_code code = ERR_OK;
    *out = NULL;
    if (n > MAX_BYTES)
        return err_set(e, ERR_UNSUPPORTED, "%s: an expression of %zu bytes, over %d", where, n,
                       MAX_BYTES);
    while (!code && t.in.at < n)
        code = one(&t, e);
    if (!code)
        code = finish(&t, e);
    if (code)
        text_buffer_dispose(&t.out);
    else
        *out = text_buffer_take(&t.out);
    return code;
}
