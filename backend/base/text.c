#include "backend/base/text.h"

#include "backend/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>
#include <wchar.h>

#define START_BYTES 4096

bool text_same(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool text_ends_with(const char *text, const char *end) {
    size_t n = strlen(text), n_end = strlen(end);
    return n >= n_end && strcmp(text + n - n_end, end) == 0;
}

bool text_valid_utf8(const char *bytes, size_t n, size_t *at) {
    for (size_t i = 0; i < n;) {
        utf8proc_int32_t point;
        if (!((unsigned char)bytes[i] & 0x80)) {
            i++;
            continue;
        }
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)bytes + i,
                                                   (utf8proc_ssize_t)(n - i), &point);
        if (length <= 0) {
            if (at)
                *at = i;
            return false;
        }
        i += (size_t)length;
    }
    return true;
}

static bool is_mark(utf8proc_int32_t point) {
    utf8proc_category_t c = utf8proc_category(point);
    return c == UTF8PROC_CATEGORY_MN || c == UTF8PROC_CATEGORY_ME || c == UTF8PROC_CATEGORY_MC;
}

/* Code points that a terminal or a browser would act on, hide or not know. */
static bool is_unsafe(utf8proc_int32_t point) {
    switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_CC: /* only C1 comes here: C0 and DEL are handled before */
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return true;
    default:
        return wcwidth((wchar_t)point) < 0 && !is_mark(point);
    }
}

static void add_point(struct text_buffer *out, utf8proc_int32_t point, bool marks, bool *leading,
                      bool *base) {
    char bytes[4];
    if (point == ' ') {
        text_buffer_puts(out, marks && *leading ? "·" : " ");
        *base = false;
        return;
    }
    *leading = false;
    if (point == '\n' || point == '\t') {
        text_buffer_puts(out, point == '\n' ? "⏎" : "⇥");
        *base = true;
    } else if (point < 0x20 || point == 0x7F) {
        text_buffer_format(out, "^%c", point == 0x7F ? '?' : (char)(point + 0x40));
        *base = true;
    } else if (is_unsafe(point)) {
        text_buffer_format(out, "<U+%04X>", (unsigned)point);
        *base = true;
    } else {
        if (is_mark(point) && !*base)
            text_buffer_puts(out, "\u25CC");
        utf8proc_ssize_t n = utf8proc_encode_char(point, (utf8proc_uint8_t *)bytes);
        text_buffer_add(out, bytes, (size_t)n);
        *base = true;
    }
}

char *text_sanitise(const char *bytes, size_t n, bool marks) {
    struct text_buffer out = {0};
    bool leading = true, base = false;
    for (size_t i = 0; i < n;) {
        utf8proc_int32_t point;
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)bytes + i,
                                                   (utf8proc_ssize_t)(n - i), &point);
        if (length <= 0) {
            text_buffer_format(&out, "<%02X>", (unsigned)(unsigned char)bytes[i]);
            leading = false;
            base = true;
            i++;
            continue;
        }
        add_point(&out, point, marks, &leading, &base);
        i += (size_t)length;
    }
    return text_buffer_take(&out);
}

size_t text_mark(const char *utf8, int *value) {
    char *end;
    if (utf8[0] != '\016')
        return 0;
    const long said = strtol(utf8 + 1, &end, 10);
    if (*end != '\017')
        return 0;
    if (value)
        *value = (int)said;
    return (size_t)(end - utf8) + 1;
}

/* The bytes of the grapheme at `s` (0 at the end; a mark before it among them) and its columns.
 * ncurses lays out by wcwidth, so a grapheme is as wide as its widest part. */
static size_t next_grapheme(const char *s, int *columns) {
    const size_t mark = text_mark(s, NULL);
    size_t n = mark;
    utf8proc_int32_t before = 0, point, state = 0;
    *columns = 0;
    while (s[n]) { /* looks at one character only: measuring the whole rest for every grapheme took
                      seconds on a long text */
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)s + n,
                                                   (utf8proc_ssize_t)strnlen(s + n, 4), &point);
        if (length <= 0) { /* not sanitised: count a byte as a column rather than loop for ever */
            *columns += n == mark;
            return n > mark ? n : mark + 1;
        }
        if (n > mark && utf8proc_grapheme_break_stateful(before, point, &state))
            break;
        int width = wcwidth((wchar_t)point);
        if (width < 0 && point >= 0x80) /* the C locale knows no width beyond ASCII */
            width = utf8proc_charwidth(point);
        if (n > mark && width > 0) { /* a second spacing code point: terminals draw it beside, so it
                                 counts as its own */
            break;
        }
        if (width > *columns)
            *columns = width;
        before = point;
        n += (size_t)length;
    }
    return n;
}

char *text_clean(const char *text) {
    return text_sanitise(text ? text : "", text ? strlen(text) : 0, false);
}

char *text_clean_start(const char *text) {
    size_t n = text ? strnlen(text, START_BYTES) : 0;
    for (int i = 0; n > 0 && i < 3 && ((unsigned char)text[n] & 0xC0) == 0x80; i++)
        n--; /* whole characters */
    return text_sanitise(text ? text : "", n, false);
}

int text_columns(const char *utf8) {
    int total = 0, columns;
    for (size_t n; (n = next_grapheme(utf8, &columns)) > 0; utf8 += n)
        total += columns;
    return total;
}

int text_fit(char *buf, size_t n_buf, const char *utf8, int columns, bool pad) {
    size_t used = 0;
    int filled = 0;
    if (n_buf == 0)
        return 0;
    bool cut = text_columns(utf8) > columns;
    int room = cut ? columns - 1 : columns;
    int width;
    for (size_t n; (n = next_grapheme(utf8, &width)) > 0; utf8 += n) {
        if (filled + width > room || used + n + 2 > n_buf)
            break;
        memcpy(buf + used, utf8, n);
        used += n;
        filled += width;
    }
    if (cut && columns > 0 && used + 2 <= n_buf) {
        /* A wide character that did not fit left one column. */
        while (filled < room && used + 2 < n_buf) {
            buf[used++] = ' ';
            filled++;
        }
        buf[used++] = '~';
        filled++;
    }
    while (pad && filled < columns && used + 1 < n_buf) {
        buf[used++] = ' ';
        filled++;
    }
    buf[used] = '\0';
    return filled;
}

size_t text_character_bytes(unsigned char first) {
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first < 0xE0)
        return 2;
    if (first >= 0xE0 && first < 0xF0)
        return 3;
    return first >= 0xF0 && first < 0xF5 ? 4 : 0;
}

/* Whether a second byte can follow the first of a character: not in one that has a shorter form, is
 * half of a pair or lies beyond the last. */
static bool can_follow(unsigned char first, unsigned char second) {
    if (second < 0x80 || second > 0xBF)
        return false;
    switch (first) {
    case 0xE0:
        return second >= 0xA0;
    case 0xED:
        return second <= 0x9F;
    case 0xF0:
        return second >= 0x90;
    case 0xF4:
        return second <= 0x8F;
    }
    return true;
}

/* The longest beginning of a character at s, at least one byte. */
static size_t beginning_bytes(const char *s, size_t n) {
    const unsigned char *u = (const unsigned char *)s;
    const size_t want = text_character_bytes(u[0]);
    if (want < 2 || n < 2 || !can_follow(u[0], u[1]))
        return 1;
    size_t k = 2;
    while (k < want && k < n && (u[k] & 0xC0) == 0x80)
        k++;
    return k;
}

#define REPLACEMENT "\xEF\xBF\xBD"

static void add_without_nul(struct text_buffer *out, const char *s, size_t n) {
    for (const char *nul; (nul = memchr(s, '\0', n)); s = nul + 1) {
        text_buffer_add(out, s, (size_t)(nul - s));
        text_buffer_puts(out, REPLACEMENT);
        n -= (size_t)(nul + 1 - s);
    }
    text_buffer_add(out, s, n);
}

char *text_repaired(const char *s, size_t n) {
    struct text_buffer out = {0};
    while (n) {
        size_t good;
        if (text_valid_utf8(s, n, &good))
            good = n;
        add_without_nul(&out, s, good);
        s += good;
        n -= good;
        if (!n)
            break;
        text_buffer_puts(&out, REPLACEMENT);
        /* The longest beginning of a character that stands here counts as one. */
        const size_t k = beginning_bytes(s, n);
        s += k;
        n -= k;
    }
    return text_buffer_take(&out);
}

/* Edit distance with adjacent swaps (optimal string alignment), over bytes; names of options are
 * ASCII. */
static size_t distance(const char *a, size_t n, const char *b, size_t m) {
    size_t *rows = mem_alloc(3 * (m + 1) * sizeof *rows), *before = rows, *last = rows + m + 1,
           *now = rows + 2 * (m + 1);
    for (size_t j = 0; j <= m; j++)
        last[j] = j;
    for (size_t i = 1; i <= n; i++) {
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        size_t *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    size_t result = last[m];
    free(rows);
    return result;
}

const char *text_nearest(const char *word, const char *const *names, size_t n) {
    const char *best = NULL;
    size_t length = strlen(word), best_distance = SIZE_MAX;
    if (length == 0 || length > 100)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        size_t m = strlen(names[i]), d = distance(word, length, names[i], m);
        bool prefix = length >= 3 && strncmp(names[i], word, length) == 0;
        if (prefix)
            d = 1;
        size_t longer = m > length ? m : length;
        if (d < best_distance && d <= 1 + longer / 3) {
            best = names[i];
            best_distance = d;
        }
    }
    return best;
}
