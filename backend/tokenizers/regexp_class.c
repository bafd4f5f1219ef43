#include "backend/tokenizers/regexp_class.h"

#include "backend/tokenizers/characters.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 20, MAX_NAME = 40 };

bool regexp_text_starts(const struct regexp_text *in, const char *s) {
    const size_t n = strlen(s);
    return in->n - in->at >= n && memcmp(in->s + in->at, s, n) == 0;
}

enum err_code regexp_text_refuse(const struct regexp_text *in, size_t at, size_t n, struct err *e) {
    n = at + n > in->n ? in->n - at : n;
    return err_set(e, ERR_UNSUPPORTED,
                   "%s: \"%.*s\" in the expression, at byte %zu, is not known "
                   "here",
                   in->where, (int)n, in->s + at, at);
}

/* One thing in a class: a character, or a set of them. */
struct item {
    int32_t character; /* −1: a set */
    char set[120];     /* what stands between the brackets of a class */
    bool inverted;     /* what is not in it */
};

static void give_set(struct item *item, const char *set, bool inverted) {
    *item = (struct item){.character = -1, .inverted = inverted};
    strncpy(item->set, set, sizeof item->set - 1);
}

/* --- properties --- */

/* Names of properties that are no two letters and no script; in small letters. */
static const struct {
    const char *name, *set;
} properties[] = {
    {"alpha", "\\p{Alphabetic}"},
    {"alnum", "\\p{Alphabetic}\\p{Nd}"},
    {"digit", "\\p{Nd}"},
    {"punct", "\\p{P}"},
    {"space", "\\p{White_Space}"},
    {"whitespace", "\\p{White_Space}"},
    {"word", REGEXP_WORD},
    {"upper", "\\p{Uppercase}"},
    {"lower", "\\p{Lowercase}"},
    {"cntrl", "\\p{Cc}"},
    {"xdigit", "0-9A-Fa-f"},
    {"any", "\\p{Any}"},
    {"letter", "\\p{L}"},
    {"uppercaseletter", "\\p{Lu}"},
    {"lowercaseletter", "\\p{Ll}"},
    {"titlecaseletter", "\\p{Lt}"},
    {"modifierletter", "\\p{Lm}"},
    {"otherletter", "\\p{Lo}"},
    {"mark", "\\p{M}"},
    {"nonspacingmark", "\\p{Mn}"},
    {"number", "\\p{N}"},
    {"decimalnumber", "\\p{Nd}"},
    {"punctuation", "\\p{P}"},
    {"symbol", "\\p{S}"},
    {"separator", "\\p{Z}"},
    {"spaceseparator", "\\p{Zs}"},
    {"other", "\\p{C}"},
    {"control", "\\p{Cc}"},
    {"format", "\\p{Cf}"},
    {"alphabetic", "\\p{Alphabetic}"},
    {"uppercase", "\\p{Uppercase}"},
    {"lowercase", "\\p{Lowercase}"},
    {"ideographic", "\\p{Ideographic}"},
    {"emoji", "\\p{Emoji}"},
    {"emojipresentation", "\\p{Emoji_Presentation}"},
    {"extendedpictographic", "\\p{Extended_Pictographic}"},
};

/* `name` without what does not count in it. */
static void set_of_property(struct item *item, const char *name, bool inverted) {
    char set[MAX_NAME + 10];
    const size_t n = strlen(name);
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        if (strcmp(properties[i].name, name) == 0) {
            give_set(item, properties[i].set, inverted);
            return;
        }
    struct text_buffer b = {0};
    if (n <= 2) /* a general category */
        text_buffer_format(&b, "\\p{%c%s}", toupper((unsigned char)name[0]), name + (n > 0));
    else
        text_buffer_format(&b, "\\p{sc:%s}", name);
    strncpy(set, b.text, sizeof set - 1);
    set[sizeof set - 1] = '\0';
    text_buffer_dispose(&b);
    give_set(item, set, inverted);
}

/* The name up to `end`, in small letters; false where there is no end or it is long. */
static bool read_name(struct regexp_text *in, const char *end, char name[MAX_NAME]) {
    size_t n = 0;
    for (; in->at < in->n && !regexp_text_starts(in, end); in->at++) {
        const unsigned char c = (unsigned char)in->s[in->at];
        if (n + 1 >= MAX_NAME || !(isalnum(c) || strchr(" _-", c)))
            return false;
        if (isalnum(c))
            name[n++] = (char)tolower(c);
    }
    name[n] = '\0';
    const bool closed = in->at < in->n && n > 0;
    in->at += strlen(end);
    return closed;
}

/* \p{…} or \P{…}, from the letter on. */
static enum err_code read_property(struct item *item, struct regexp_text *in, struct err *e) {
    const size_t begin = in->at - 1;
    bool inverted = in->s[in->at] == 'P';
    char name[MAX_NAME];
    in->at++;
    if (!regexp_text_starts(in, "{"))
        return regexp_text_refuse(in, begin, 3, e);
    in->at++;
    if (regexp_text_starts(in, "^")) {
        inverted = !inverted;
        in->at++;
    }
    if (!read_name(in, "}", name))
        return regexp_text_refuse(in, begin, MAX_NAME, e);
    set_of_property(item, name, inverted);
    return ERR_OK;
}

/* [:name:] inside a class; false: it is none. */
static bool read_posix(struct item *item, struct regexp_text *in) {
    struct regexp_text rest = *in;
    char name[MAX_NAME];
    rest.at += 2;
    const bool inverted = regexp_text_starts(&rest, "^");
    rest.at += inverted;
    if (!read_name(&rest, ":]", name))
        return false;
    set_of_property(item, name, inverted);
    if (strcmp(name, "punct") == 0) /* symbols too, unlike \\p{Punct} */
        give_set(item, "\\p{P}\\p{S}", inverted);
    *in = rest;
    return true;
}

/* --- single characters --- */

/* Digits of a hexadecimal number, at most `most`; false: none, or no character. */
static bool read_hex(struct regexp_text *in, size_t most, int32_t *c) {
    size_t n = 0;
    *c = 0;
    for (; n < most && in->at < in->n && isxdigit((unsigned char)in->s[in->at]); n++) {
        const char digit[2] = {in->s[in->at++], '\0'};
        *c = *c * 16 + (int32_t)strtol(digit, NULL, 16);
    }
    return n > 0 && *c <= 0x10FFFF && !(*c >= 0xD800 && *c < 0xE000);
}

/* \xHH, \x{H…} or \uHHHH, from the letter on. */
static enum err_code read_number(struct item *item, struct regexp_text *in, struct err *e) {
    const size_t begin = in->at - 1;
    const bool x = in->s[in->at++] == 'x', braces = x && regexp_text_starts(in, "{");
    in->at += braces;
    size_t most = x ? 2 : 4;
    bool fine = read_hex(in, braces ? 6 : most, &item->character);
    if (braces)
        fine = fine && regexp_text_starts(in, "}");
    in->at += braces;
    /* Two digits are a byte, which from 80 on is no character. */
    if (!fine || (x && !braces && item->character >= 0x80))
        return regexp_text_refuse(in, begin, 6, e);
    return ERR_OK;
}

static bool named_set(struct item *item, char letter) {
    static const struct {
        char letter;
        const char *set;
    } sets[] = {
        {'s', "\\p{White_Space}"}, {'w', REGEXP_WORD}, {'d', "\\p{Nd}"}, {'h', "0-9A-Fa-f"}};
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (tolower((unsigned char)letter) == sets[i].letter) {
            give_set(item, sets[i].set, isupper((unsigned char)letter));
            return true;
        }
    return false;
}

static bool named_character(struct item *item, char letter) {
    static const struct {
        char letter;
        int32_t character;
    } names[] = {{'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'f', '\f'},
                 {'v', '\v'}, {'a', 7},    {'e', 27},   {'0', 0}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (letter == names[i].letter) {
            item->character = names[i].character;
            return true;
        }
    return false;
}

/* A character, or an escape. */
static enum err_code read_item(struct item *item, struct regexp_text *in, struct err *e) {
    size_t length;
    *item = (struct item){0};
    const bool escape = in->s[in->at] == '\\';
    if (escape && ++in->at == in->n)
        return err_set(e, ERR_FORMAT, "%s: the expression ends with a backslash", in->where);
    const char letter = in->s[in->at];
    if (escape && (letter == 'p' || letter == 'P'))
        return read_property(item, in, e);
    if (escape && (letter == 'x' || letter == 'u'))
        return read_number(item, in, e);
    if (escape && (named_set(item, letter) || named_character(item, letter))) {
        in->at++;
        return ERR_OK;
    }
    if (escape && isalnum((unsigned char)letter))
        return regexp_text_refuse(in, in->at - 1, 2, e);
    item->character = character_at(in->s + in->at, in->n - in->at, &length);
    in->at += length;
    return ERR_OK;
}

static void put_character(struct text_buffer *out, int32_t c) {
    text_buffer_format(out, "\\x{%X}", (unsigned)c);
}

enum err_code regexp_class_single(struct regexp_text *in, struct text_buffer *out, struct err *e) {
    struct item item;
    enum err_code code = read_item(&item, in, e);
    if (code)
        return code;
    const bool word = item.character < 0 && strcmp(item.set, REGEXP_WORD) == 0;
    if (item.character >= 0)
        put_character(out, item.character);
    else if (word)
        text_buffer_format(out, item.inverted ? "[^%s]" : "[%s]", REGEXP_WORD_ALONE);
    else
        text_buffer_format(out, item.inverted ? "[^%s]" : "[%s]", item.set);
    return ERR_OK;
}

/* --- classes --- */

/* What is joined in a class: what can stand in one pair of brackets, and what cannot. */
struct join {
    struct text_buffer plain;
    struct text_buffer others; /* "|[^…]|(?:…)" */
};

static void join_dispose(struct join *j) {
    text_buffer_dispose(&j->plain);
    text_buffer_dispose(&j->others);
}

/* An expression for one character of the join. */
static void join_put(const struct join *j, struct text_buffer *out, bool inverted) {
    const char *others = j->others.n ? j->others.text : "";
    if (j->plain.n && !j->others.n)
        text_buffer_format(out, inverted ? "[^%s]" : "[%s]", j->plain.text);
    else if (inverted && j->plain.n)
        text_buffer_format(out, "(?:(?!(?:[%s]%s))(?s:.))", j->plain.text, others);
    else if (inverted)
        text_buffer_format(out, "(?:(?!(?:%s))(?s:.))", others + 1);
    else if (j->plain.n)
        text_buffer_format(out, "(?:[%s]%s)", j->plain.text, others);
    else
        text_buffer_format(out, "(?:%s)", others + (j->others.n > 0));
}

static void join_add(struct join *j, const struct item *item) {
    if (item->character >= 0)
        put_character(&j->plain, item->character);
    else if (item->inverted)
        text_buffer_format(&j->others, "|[^%s]", item->set);
    else
        text_buffer_puts(&j->plain, item->set);
}

/* A character and, behind a hyphen, the one up to which it goes. */
static enum err_code read_range(struct join *j, struct regexp_text *in, struct err *e) {
    struct item first, last;
    enum err_code code = read_item(&first, in, e);
    if (code)
        return code;
    join_add(j, &first);
    const bool range = first.character >= 0 && regexp_text_starts(in, "-") && in->at + 1 < in->n &&
                       in->s[in->at + 1] != ']' && in->s[in->at + 1] != '[';
    if (!range)
        return ERR_OK;
    in->at++;
    code = read_item(&last, in, e);
    if (code)
        return code;
    if (last.character < first.character)
        return err_set(e, ERR_FORMAT,
                       "%s: a range in the expression ends before it begins (byte "
                       "%zu)",
                       in->where, in->at);
    text_buffer_puts(&j->plain, "-");
    put_character(&j->plain, last.character);
    return ERR_OK;
}

static enum err_code read_class(struct regexp_text *in, struct text_buffer *out, int depth,
                                struct err *e);

static enum err_code read_nested(struct join *j, struct regexp_text *in, int depth, struct err *e) {
    struct item item;
    if (regexp_text_starts(in, "[:") && read_posix(&item, in)) {
        join_add(j, &item);
        return ERR_OK;
    }
    text_buffer_puts(&j->others, "|");
    return read_class(in, &j->others, depth + 1, e);
}

/* What is joined up to "]" or "&&". */
static enum err_code read_join(struct join *j, struct regexp_text *in, int depth, struct err *e) {
    enum err_code code = ERR_OK;
    while (!code && in->at < in->n && in->s[in->at] != ']' && !regexp_text_starts(in, "&&"))
        code = in->s[in->at] == '[' ? read_nested(j, in, depth, e) : read_range(j, in, e);
    if (code)
        return code;
    if (in->at >= in->n)
        return err_set(e, ERR_FORMAT, "%s: the expression leaves a class open", in->where);
    if (!j->plain.n && !j->others.n)
        return err_set(e, ERR_FORMAT, "%s: the expression has an empty class", in->where);
    return ERR_OK;
}

/* Joins with && between them: all but the last are looked ahead for. */
static enum err_code read_class(struct regexp_text *in, struct text_buffer *out, int depth,
                                struct err *e) {
    struct text_buffer ahead = {0};
    struct join j = {0};
    if (depth == MAX_DEPTH)
        return err_set(e, ERR_UNSUPPORTED, "%s: classes more than %d deep", in->where, MAX_DEPTH);
    in->at++;
    const bool inverted = regexp_text_starts(in, "^");
    in->at += inverted;
    enum err_code code = read_join(&j, in, depth, e);
    while (!code && regexp_text_starts(in, "&&")) {
        in->at += 2;
        text_buffer_puts(&ahead, "(?=");
        join_put(&j, &ahead, false);
        text_buffer_puts(&ahead, ")");
        join_dispose(&j);
        code = read_join(&j, in, depth, e);
    }
    if (code)
        goto out;
    in->at++;
    if (!ahead.n) {
        join_put(&j, out, inverted);
        goto out;
    }
    join_put(&j, &ahead, false);
    text_buffer_format(out, inverted ? "(?:(?!%s)(?s:.))" : "(?:%s)", ahead.text);
out:
    join_dispose(&j);
    text_buffer_dispose(&ahead);
    return code;
}

enum err_code regexp_class(struct regexp_text *in, struct text_buffer *out, struct err *e) {
    return read_class(in, out, 0, e);
}
