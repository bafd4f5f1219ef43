#include "backend/tokenizers/characters.h"

#include <stdlib.h>
#include <utf8proc.h>

size_t character_length(const char *s, size_t n) {
    size_t length = 1;
    if (!((unsigned char)*s & 0x80))
        return 1;
    while (length < n && ((unsigned char)s[length] & 0xC0) == 0x80)
        length++;
    return length;
}

int32_t character_at(const char *s, size_t n, size_t *length) {
    const unsigned char *u = (const unsigned char *)s;
    *length = character_length(s, n);
    switch (*length) {
    case 1:
        return u[0];
    case 2:
        return (u[0] & 0x1F) << 6 | (u[1] & 0x3F);
    case 3:
        return (u[0] & 0x0F) << 12 | (u[1] & 0x3F) << 6 | (u[2] & 0x3F);
    default:
        return (u[0] & 0x07) << 18 | (u[1] & 0x3F) << 12 | (u[2] & 0x3F) << 6 | (u[3] & 0x3F);
    }
}

int32_t character_before(const char *s, size_t at, size_t *length) {
    size_t begin = at - 1;
    while (begin > 0 && ((unsigned char)s[begin] & 0xC0) == 0x80)
        begin--;
    return character_at(s + begin, at - begin, length);
}

size_t character_write(int32_t c, char out[4]) {
    return (size_t)utf8proc_encode_char(c, (utf8proc_uint8_t *)out);
}

size_t character_count(const char *s, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += ((unsigned char)s[i] & 0xC0) != 0x80;
    return count;
}

bool character_is_white(int32_t c) {
    if (c < 0x80)
        return c == ' ' || (c >= '\t' && c <= '\r');
    return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
           c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

enum class { PUNCTUATION, CONTROL, ACCENT, MARK, NUMERIC, WORD };

static const struct exception {
    enum class class;
    int32_t from, to;
    bool has;
} exceptions[] = {
#define EXCEPTION(class, from, to, has) {class, from, to, has},
#include "backend/tokenizers/characters.def"
#undef EXCEPTION
};

static int compare(const void *key, const void *row) {
    const struct exception *k = key, *r = row;
    if (k->class != r->class)
        return k->class < r->class ? -1 : 1;
    return (k->from > r->to) - (k->from < r->from);
}

/* `says`, unless the library has it otherwise. */
static bool is_in(enum class class, int32_t c, bool says) {
    const struct exception key = {.class = class, .from = c}, *found;
    if (c < 0x340 || (c >= 0x3000 && c < 0xA700)) /* it has not */
        return says;
    found = bsearch(&key, exceptions, sizeof exceptions / sizeof *exceptions, sizeof *exceptions,
                    compare);
    return found ? found->has : says;
}

/* Letters by name only: circled and squared ones (Other_Alphabetic that is no mark). */
static bool is_symbol_letter(int32_t c) {
    return (c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) ||
           (c >= 0x1F150 && c <= 0x1F169) || (c >= 0x1F170 && c <= 0x1F189);
}

static bool is_word(int32_t c) {
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC:
        return true;
    default:
        return c == 0x200C || c == 0x200D || is_symbol_letter(c); /* joiners */
    }
}

bool character_is_word(int32_t c) {
    return is_in(WORD, c, is_word(c));
}

bool character_is_numeric(int32_t c) {
    if (c < 0x80)
        return c >= '0' && c <= '9';
    const utf8proc_category_t k = utf8proc_category(c);
    return is_in(NUMERIC, c,
                 k == UTF8PROC_CATEGORY_ND || k == UTF8PROC_CATEGORY_NL ||
                     k == UTF8PROC_CATEGORY_NO);
}

bool character_is_mark(int32_t c) {
    const utf8proc_category_t k = utf8proc_category(c);
    return is_in(MARK, c,
                 k == UTF8PROC_CATEGORY_MN || k == UTF8PROC_CATEGORY_MC ||
                     k == UTF8PROC_CATEGORY_ME);
}

bool character_is_accent(int32_t c) {
    return is_in(ACCENT, c, utf8proc_category(c) == UTF8PROC_CATEGORY_MN);
}

bool character_is_punctuation(int32_t c) {
    if (c < 0x80)
        return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) ||
               (c >= 123 && c <= 126);
    const utf8proc_category_t k = utf8proc_category(c);
    return is_in(PUNCTUATION, c, k >= UTF8PROC_CATEGORY_PC && k <= UTF8PROC_CATEGORY_PO);
}

bool character_is_control(int32_t c) {
    const utf8proc_category_t k = utf8proc_category(c);
    return is_in(
        CONTROL, c,
        c != '\t' && c != '\n' && c != '\r' &&
            (k == UTF8PROC_CATEGORY_CC || k == UTF8PROC_CATEGORY_CF || k == UTF8PROC_CATEGORY_CO));
}

bool character_is_ideograph(int32_t c) {
    static const int32_t ranges[][2] = {{0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xF900, 0xFAFF},
                                        {0x20000, 0x2A6DF}, {0x2A700, 0x2B81F}, {0x2B920, 0x2CEAF},
                                        {0x2F800, 0x2FA1F}};
    for (size_t i = 0; c >= 0x3400 && i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

size_t character_lower(int32_t c, int32_t out[4]) {
    out[0] = utf8proc_tolower(c);
    out[1] = 0x307;
    return c == 0x130 ? 2 : 1; /* the only capital whose small letter is two characters */
}

size_t character_fold(int32_t c, int32_t out[4]) {
    const utf8proc_ssize_t n = utf8proc_decompose_char(c, out, 4, UTF8PROC_CASEFOLD, NULL);
    if (n >= 1 && n <= 4)
        return (size_t)n;
    out[0] = c;
    return 1;
}
