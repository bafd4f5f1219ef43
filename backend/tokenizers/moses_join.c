/* Words joined to a text: what Moses' detokenizer.perl does. */
#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/moses.h"
#include "backend/tokenizers/words.h"

#include <stdlib.h>
#include <string.h>

/* --- marks that stand written out --- */

static const struct {
    const char *name;
    char mark;
} escapes[] = {{"&bar;", '|'}, {"&#124;", '|'}, {"&lt;", '<'},   {"&gt;", '>'},
               {"&bra;", '['}, {"&ket;", ']'},  {"&quot;", '"'}, {"&apos;", '\''},
               {"&#91;", '['}, {"&#93;", ']'},  {"&amp;", '&'}};

static size_t escape_at(const char *s, char *mark) {
    for (size_t i = 0; *s == '&' && i < sizeof escapes / sizeof *escapes; i++) {
        const size_t n = strlen(escapes[i].name);
        if (strncmp(s, escapes[i].name, n) != 0)
            continue;
        *mark = escapes[i].mark;
        return n;
    }
    return 0;
}

static void add_plain(struct text_buffer *out, const char *s) {
    while (*s) {
        char mark = *s;
        const size_t n = escape_at(s, &mark);
        text_buffer_add(out, &mark, 1);
        s += n ? n : 1;
    }
}

/* --- words --- */

struct joining {
    const struct moses *m;
    const char *text;
    size_t at, end;               /* the word at hand */
    size_t before_at, before_end; /* the one before; the same: none */
    bool space;                   /* one belongs before the next word */
    struct vocabulary quotes;     /* those that are open have a piece and a set flag */
    unsigned char *open;
    struct text_buffer out;
};

static bool is_east_asian(int32_t c) {
    static const int32_t ranges[][2] = {{0x1100, 0x11FF},   {0x2E80, 0xA4CF},   {0xA840, 0xA87F},
                                        {0xAC00, 0xD7AF},   {0xF900, 0xFAFF},   {0xFE30, 0xFE4F},
                                        {0xFF65, 0xFFDC},   {0x17000, 0x18AFF}, {0x1B000, 0x1B12F},
                                        {0x1B170, 0x1B2FF}, {0x20000, 0x2FFFF}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

static bool is_letter(int32_t c) {
    return moses_is(MOSES_LETTER, c);
}

static bool opens(int32_t c) {
    return moses_is(MOSES_CURRENCY, c) || c == '(' || c == '[' || c == '{' || c == 0xBF ||
           c == 0xA1;
}

static bool closes(int32_t c) {
    return c > 0 && c < 0x80 && strchr(",.?!:;\\%}])", c);
}

static bool is_quote(int32_t c) {
    return c == '\'' || c == '"' || c == 0x201E || c == 0x201C || c == '`';
}

static bool is_curly(int32_t c) {
    return c == 0x201E || c == 0x201C;
}

static int32_t character(const struct joining *j, size_t at, size_t *n) {
    *n = 0;
    return at < j->end ? character_at(j->text + at, j->end - at, n) : -1;
}

static bool all(const struct joining *j, bool (*has)(int32_t c)) {
    for (size_t at = j->at, n; at < j->end; at += n)
        if (!has(character(j, at, &n)))
            return false;
    return true;
}

static bool has_before(const struct joining *j) {
    return j->before_end > j->before_at;
}

static int32_t last_before(const struct joining *j) {
    size_t n;
    return has_before(j) ? character_before(j->text, j->before_end, &n) : -1;
}

/* Bytes of the white space there; 0: none. */
static size_t white_at(const char *s, size_t at) {
    size_t n;
    return s[at] && moses_is_white(character_at(s + at, 4, &n)) ? n : 0;
}

static void put(struct joining *j, bool space_before, bool space_behind) {
    if (space_before && j->space)
        text_buffer_puts(&j->out, " ");
    text_buffer_add(&j->out, j->text + j->at, j->end - j->at);
    j->space = space_behind;
}

/* The flag of this kind of quotation mark: whether it is open. */
static unsigned char *quote_flag(struct joining *j) {
    const bool curly = all(j, is_curly);
    const char *name = curly ? "\"" : j->text + j->at;
    const size_t n = curly ? 1 : j->end - j->at;
    int32_t id = vocabulary_find(&j->quotes, name, n);
    if (id < 0) {
        id = j->quotes.n;
        vocabulary_append(&j->quotes, name, n);
        j->open = mem_resize(j->open, (size_t)j->quotes.n);
        j->open[id] = 0;
    }
    return &j->open[id];
}

static void put_quote(struct joining *j) {
    unsigned char *open = quote_flag(j);
    const bool single = j->end - j->at == 1 && j->text[j->at] == '\'';
    const bool possessive =
        !*open && single && strcmp(j->m->language, "en") == 0 && last_before(j) == 's';
    if (possessive || *open)
        put(j, false, true);
    else
        put(j, true, false);
    *open ^= !possessive;
}

/* "d'" before a word: French and Italian. */
static bool leans_on_next(const struct joining *j) {
    size_t n, next = j->end;
    if (!words_hold("fr it ga", j->m->language) || j->end - j->at < 2 ||
        j->text[j->end - 1] != '\'' || !is_letter(character_before(j->text, j->end - 1, &n)))
        return false;
    while ((n = white_at(j->text, next)))
        next += n;
    return j->text[next] && is_letter(character_at(j->text + next, 4, &n));
}

static bool is_contraction(const struct joining *j) {
    size_t n;
    return strcmp(j->m->language, "en") == 0 && has_before(j) && j->text[j->at] == '\'' &&
           is_letter(character(j, j->at + 1, &n));
}

static void put_closing(struct joining *j) {
    const char c = j->text[j->at];
    if (strcmp(j->m->language, "fr") == 0 && j->end - j->at == 1 && strchr("?!:;\\%", c))
        text_buffer_puts(&j->out, " ");
    put(j, false, true);
}

static void put_word(struct joining *j) {
    size_t n;
    if (is_east_asian(character(j, j->at, &n)))
        put(j, !is_east_asian(last_before(j)), true);
    else if (all(j, opens))
        put(j, true, false);
    else if (all(j, closes))
        put_closing(j);
    else if (is_contraction(j))
        put(j, false, true);
    else if (leans_on_next(j))
        put(j, true, false);
    else if (all(j, is_quote))
        put_quote(j);
    else
        put(j, true, true);
}

static void join_all(struct joining *j) {
    size_t n;
    while (j->text[j->end]) {
        while ((n = white_at(j->text, j->end)))
            j->end += n;
        j->at = j->end;
        while (j->text[j->end] && !white_at(j->text, j->end))
            j->end += character_length(j->text + j->end, 4);
        if (j->end == j->at)
            return;
        put_word(j);
        j->before_at = j->at;
        j->before_end = j->end;
    }
}

/* " @-@ " is a dash without spaces. */
static char *without_dashes(const char *words) {
    struct text_buffer spaced = {0}, out = {0};
    const char *found, *at;
    size_t n;
    text_buffer_puts(&spaced, " ");
    for (size_t i = 0; words[i]; i += n) {
        const bool white = moses_is_white(character_at(words + i, 4, &n));
        if (!white)
            text_buffer_add(&spaced, words + i, n);
        else if (spaced.text[spaced.n - 1] != ' ')
            text_buffer_puts(&spaced, " ");
    }
    if (spaced.text[spaced.n - 1] != ' ')
        text_buffer_puts(&spaced, " ");
    for (at = spaced.text; (found = strstr(at, " @-@ ")); at = found + 5) {
        text_buffer_add(&out, at, (size_t)(found - at));
        text_buffer_puts(&out, "-");
    }
    text_buffer_puts(&out, at);
    text_buffer_dispose(&spaced);
    return text_buffer_take(&out);
}

/* Spaces run together; none at the ends. */
static char *tidied(struct text_buffer *b) {
    char *text = text_buffer_take(b);
    size_t n = 0;
    for (size_t i = 0; text[i]; i++)
        if (text[i] != ' ' || (n && text[n - 1] != ' '))
            text[n++] = text[i];
    while (n && text[n - 1] == ' ')
        n--;
    text[n] = '\0';
    return text;
}

char *moses_join(const struct moses *m, const char *words) {
    char *joined = without_dashes(words);
    struct text_buffer plain = {0};
    add_plain(&plain, joined);
    free(joined);
    char *text = text_buffer_take(&plain);
    struct joining j = {.m = m, .text = text, .space = true};
    vocabulary_init(&j.quotes, 0);
    vocabulary_index(&j.quotes);
    join_all(&j);
    vocabulary_dispose(&j.quotes);
    free(j.open);
    free(text);
    return tidied(&j.out);
}
