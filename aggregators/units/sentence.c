/*
 * Sentences, by rules in the manner of Unicode's annex 29 (SB6 to SB11): a terminator with the
 * closing marks behind it ends one where white space follows, and a line break does. A full stop
 * does not where a small letter comes next (SB8), or after a single capital: J. Smith.
 */
#include "aggregators/text/text_begins.h"
#include "aggregators/text/unit.h"

#include <utf8proc.h>

static bool is_terminator(int32_t c) {
    return c == '.' || c == '!' || c == '?' || c == 0x2026 || c == 0x0964 || c == 0x06D4 ||
           c == 0x061F;
}

/* Those that no space follows. */
static bool is_full_width(int32_t c) {
    return c == 0x3002 || c == 0xFF01 || c == 0xFF1F || c == 0xFF0E || c == 0xFF61;
}

static bool is_closing(int32_t c) {
    if (c < 0)
        return false;
    const utf8proc_category_t category = utf8proc_category(c);
    return c == '"' || c == '\'' || c == '*' || category == UTF8PROC_CATEGORY_PE ||
           category == UTF8PROC_CATEGORY_PF;
}

static bool is_category(int32_t c, utf8proc_category_t category) {
    return c >= 0 && utf8proc_category(c) == category;
}

/* The first character from `at` on that is neither white space nor an opening mark. */
static int32_t next_word(const char *text, size_t n, size_t at) {
    int32_t c = -1;
    while (at < n) {
        c = text_character(text, n, at, &at);
        if (!text_is_space(c) && !is_category(c, UTF8PROC_CATEGORY_PS) &&
            !is_category(c, UTF8PROC_CATEGORY_PI) && c != '"')
            break;
    }
    return c;
}

/* What was read before a terminator: whether it is a single capital. */
struct before {
    int32_t last, last_but_one;
};

static bool is_initial(const struct before *b) {
    return is_category(b->last, UTF8PROC_CATEGORY_LU) &&
           (b->last_but_one < 0 || text_is_space(b->last_but_one) || b->last_but_one == '.');
}

/* The end of what follows a terminator at once: more of them, and closing marks. */
static size_t behind_marks(const char *text, size_t n, size_t at, bool *wide) {
    for (size_t next; at < n; at = next) {
        const int32_t c = text_character(text, n, at, &next);
        *wide |= is_full_width(c);
        if (!is_terminator(c) && !is_full_width(c) && !is_closing(c))
            break;
    }
    return at;
}

static bool ends_here(const char *text, size_t n, size_t end, int32_t mark, bool wide,
                      const struct before *b) {
    size_t ignored;
    if (wide || end == n)
        return true;
    if (!text_is_space(text_character(text, n, end, &ignored)))
        return false;
    if (mark == '.' && is_initial(b))
        return false;
    return !(mark == '.' && is_category(next_word(text, n, end), UTF8PROC_CATEGORY_LL));
}

static size_t next_sentence(const char *text, size_t n, size_t from) {
    struct before b = {-1, -1};
    bool any = false; /* blank lines before a sentence belong to it */
    for (size_t at = from, next; at < n; at = next) {
        const int32_t c = text_character(text, n, at, &next);
        if (c == '\n' && any)
            return next;
        any |= !text_is_space(c);
        if (is_terminator(c) || is_full_width(c)) {
            bool wide = is_full_width(c);
            next = behind_marks(text, n, next, &wide);
            if (ends_here(text, n, next, c, wide, &b))
                return next;
        }
        b = (struct before){c, b.last};
    }
    return n;
}

static enum err_code begins(bool *begins, struct unit_found *found, const struct token_list *list,
                            const struct unit_call *c, struct err *e) {
    (void)c, (void)e;
    found->any = true;
    text_begins(begins, list, next_sentence);
    return ERR_OK;
}

const struct unit unit_sentence = {
    .id = "sentence",
    .title = "Sentences",
    .summary = "Up to a full stop, question or exclamation mark with white space behind it (none "
               "where the mark is full-width), or a line's end; not at \"e.g. this\", 3.14 or "
               "J. Smith.",
    .begins = begins,
};
