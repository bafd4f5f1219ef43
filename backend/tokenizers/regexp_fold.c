/*
 * Where case does not count, Oniguruma also matches one character against several that it folds to
 * ("ss" and U+DF), which PCRE2 never does. An expression in which that could happen is refused.
 * Reference: Oniguruma 6.9, doc/RE (case fold) and src/unicode.c; CaseFolding.txt of Unicode,
 * status F.
 */
#include "backend/tokenizers/characters.h"
#include "backend/tokenizers/regexp_class.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 200 };

/* Characters that fold to several. */
static const int32_t expanding[][2] = {
    {0xDF, 0xDF},     {0x130, 0x130},   {0x149, 0x149},   {0x1F0, 0x1F0},   {0x390, 0x390},
    {0x3B0, 0x3B0},   {0x587, 0x587},   {0x1E96, 0x1E9A}, {0x1E9E, 0x1E9E}, {0x1F50, 0x1F50},
    {0x1F52, 0x1F52}, {0x1F54, 0x1F54}, {0x1F56, 0x1F56}, {0x1F80, 0x1FAF}, {0x1FB2, 0x1FB4},
    {0x1FB6, 0x1FB7}, {0x1FBC, 0x1FBC}, {0x1FC2, 0x1FC4}, {0x1FC6, 0x1FC7}, {0x1FCC, 0x1FCC},
    {0x1FD2, 0x1FD3}, {0x1FD6, 0x1FD7}, {0x1FE2, 0x1FE4}, {0x1FE6, 0x1FE7}, {0x1FF2, 0x1FF4},
    {0x1FF6, 0x1FF7}, {0x1FFC, 0x1FFC}, {0xFB00, 0xFB06}, {0xFB13, 0xFB17}};
#define N_EXPANDING (sizeof expanding / sizeof *expanding)

/* A walk through a translated expression: characters are \x{…}, classes do not nest. */
struct walk {
    const char *at, *where;
    bool folds[MAX_DEPTH]; /* by group: whether case does not count in it */
    size_t depth;
    struct text_buffer run; /* characters in a row, folded */
    struct err *e;
};

static void add_folded(struct text_buffer *b, int32_t c) {
    int32_t folded[4];
    char bytes[4];
    const size_t n = character_fold(c, folded);
    for (size_t i = 0; i < n; i++)
        text_buffer_add(b, bytes, character_write(folded[i], bytes));
}

static enum err_code refuse(const struct walk *w, int32_t c) {
    return err_set(w->e, ERR_UNSUPPORTED,
                   "%s: where case does not count, the expression also matches U+%04X against the "
                   "characters that it folds to, which is not followed here",
                   w->where, (unsigned)c);
}

static bool holds(const char *run, int32_t c) {
    struct text_buffer several = {0};
    add_folded(&several, c);
    const bool found = strstr(run, several.text) != NULL;
    text_buffer_dispose(&several);
    return found;
}

/* No characters in a row any more; those that there were are looked at. */
static enum err_code end_run(struct walk *w) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; w->run.n && !code && i < N_EXPANDING; i++)
        for (int32_t c = expanding[i][0]; !code && c <= expanding[i][1]; c++)
            if (holds(w->run.text, c))
                code = refuse(w, c);
    text_buffer_dispose(&w->run);
    return code;
}

/* \x{…} at the walk's place, which moves behind it; −1: something else stands there. */
static int32_t take_character(struct walk *w) {
    char *end;
    if (strncmp(w->at, "\\x{", 3) != 0)
        return -1;
    const long c = strtol(w->at + 3, &end, 16);
    w->at = end + 1;
    return (int32_t)c;
}

/* A class: its characters and ranges, unless it is what is not in it. */
static enum err_code class(struct walk *w) {
    const bool counts = w->folds[w->depth] && w->at[1] != '^'; enum err_code code = end_run(w);
    w->at++; while (!code && *w->at && *w->at != ']'){
        const int32_t first = take_character(w); int32_t last = first;
        if (first < 0) w->at += *w->at == '\\' && w->at[1] ? 2 : 1;
        else if (strncmp(w->at, "-\\x{", 4) == 0){w->at++; last = take_character(w);}
for (size_t i = 0; counts && first >= 0 && !code && i < N_EXPANDING;
     i++) if (first <= expanding[i][1] && last >= expanding[i][0])
    code = refuse(w, first > expanding[i][0] ? first : expanding[i][0]);
}
w->at += *w->at == ']';
return code;
}

/* "(", with what stands behind it up to the group's first thing. */
static enum err_code open_group(struct walk *w) {
    bool folds = w->folds[w->depth];
    const char *options = w->at + 2;
    size_t n = 0;
    if (w->at[1] == '?')
        n = strspn(options, "ims-");
    for (size_t i = 0; i < n && options[i] != '-'; i++)
        folds = folds || options[i] == 'i';
    const char *off = memchr(options, '-', n);
    if (off && memchr(off, 'i', n - (size_t)(off - options)))
        folds = false;
    if (n && options[n] == ')') { /* to the end of the group at hand */
        w->folds[w->depth] = folds;
        w->at = options + n + 1;
        return ERR_OK;
    }
    if (w->depth + 1 == MAX_DEPTH)
        return err_set(w->e, ERR_UNSUPPORTED, "%s: groups too deep", w->where);
    w->folds[++w->depth] = folds;
    w->at += w->at[1] == '?' ? 2 + n + strspn(options + n, ":=!><") : 1;
    return ERR_OK;
}

static enum err_code one(struct walk *w) {
    const int32_t c = take_character(w);
    if (c >= 0 && !w->folds[w->depth])
        return end_run(w);
    if (c >= 0) {
        add_folded(&w->run, c);
        return ERR_OK;
    }
    if (*w->at == '[')
        return class(w);
    if (*w->at == '(')
        return open_group(w);
    if (*w->at == ')') {
        w->depth -= w->depth > 0;
        w->at++;
        return ERR_OK;
    }
    const bool repeats = strchr("*+?{,}0123456789", *w->at);
    w->at += *w->at == '\\' && w->at[1] ? 2 : 1;
    return repeats ? ERR_OK : end_run(w);
}

enum err_code regexp_check_folds(const char *translated, const char *where, struct err *e) {
    struct walk w = {.at = translated, .where = where, .e = e};
    enum err_code code = ERR_OK;
    while (!code && *w.at)
        code = one(&w);
    if (!code)
        code = end_run(&w);
    text_buffer_dispose(&w.run);
    return code;
}
