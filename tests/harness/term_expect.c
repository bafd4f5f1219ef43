/* Looking at the terminal: cells, texts, and waiting for them; golden screens. */
#include "harness/term_private.h"

#include "backend/base/clock.h"
#include "backend/base/file.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DEADLINE_MS 60000
#else
#define DEADLINE_MS 20000
#endif

static int colour_number(VTermColor c, bool foreground) {
    if (foreground ? VTERM_COLOR_IS_DEFAULT_FG(&c) : VTERM_COLOR_IS_DEFAULT_BG(&c))
        return -1;
    return VTERM_COLOR_IS_INDEXED(&c) ? c.indexed.idx
                                      : TERM_RGB | c.rgb.red << 16 | c.rgb.green << 8 | c.rgb.blue;
}

struct term_cell term_cell(struct term *t, int row, int column) {
    struct term_cell out = {.text = " ", .fg = -1, .bg = -1};
    VTermScreenCell cell;
    if (!vterm_screen_get_cell(t->screen, (VTermPos){row, column}, &cell))
        return out;
    if (cell.chars[0] == (uint32_t)-1) { /* the right half of a wide character */
        out.text[0] = '\0';
        return out;
    }
    size_t n = 0;
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] && n + 5 < sizeof out.text; i++)
        n += (size_t)utf8proc_encode_char((utf8proc_int32_t)cell.chars[i],
                                          (utf8proc_uint8_t *)out.text + n);
    if (n > 0)
        out.text[n] = '\0';
    out.fg = colour_number(cell.fg, true);
    out.bg = colour_number(cell.bg, false);
    out.bold = cell.attrs.bold;
    out.underline = cell.attrs.underline != 0;
    out.reverse = cell.attrs.reverse;
    return out;
}

char *term_row(struct term *t, int row) {
    struct text_buffer b = {0};
    size_t end = 0;
    for (int column = 0; column < t->columns; column++) {
        struct term_cell c = term_cell(t, row, column);
        text_buffer_puts(&b, c.text);
        if (c.text[0] && strcmp(c.text, " ") != 0)
            end = b.n;
    }
    char *text = text_buffer_take(&b);
    text[end] = '\0';
    return text;
}

char *term_text(struct term *t) {
    struct text_buffer b = {0};
    for (int row = 0; row < t->rows; row++) {
        char *line = term_row(t, row);
        text_buffer_puts(&b, line);
        text_buffer_puts(&b, "\n");
        free(line);
    }
    return text_buffer_take(&b);
}

void term_print(struct term *t) {
    char *text = term_text(t);
    fprintf(stderr, "--- screen %dx%d, cursor %d,%d ---\n%s--- end of screen ---\n", t->columns,
            t->rows, t->modes.cursor_row, t->modes.cursor_column, text);
    free(text);
}

bool term_expect(struct term *t, bool (*holds)(struct term *t, void *user), void *user,
                 const char *what) {
    int64_t deadline = clock_ms() + DEADLINE_MS;
    for (;;) {
        term_sync(t);
        if (holds(t, user))
            return true;
        /* This process's own screen changes by nothing but its own calls; a program that has ended
         * shows nothing more. */
        if (t->own || t->ended || clock_ms() >= deadline)
            break;
        struct pollfd wait = {.fd = t->master, .events = POLLIN};
        (void)poll(&wait, 1, 10);
    }
    fprintf(stderr, "expected, but not seen%s: %s\n", t->ended ? " before the program ended" : "",
            what);
    term_print(t);
    return false;
}

static bool has_text(struct term *t, void *user) {
    char *text = term_text(t);
    bool found = strstr(text, user) != NULL;
    free(text);
    return found;
}

static bool lacks_text(struct term *t, void *user) {
    return !has_text(t, user);
}

bool term_expect_text(struct term *t, const char *needle) {
    return term_expect(t, has_text, (void *)needle, needle);
}

bool term_expect_no_text(struct term *t, const char *needle) {
    char *what = mem_format("no \"%s\"", needle);
    bool good = term_expect(t, lacks_text, (void *)needle, what);
    free(what);
    return good;
}

struct row_wish {
    int row;
    const char *text;
};

static bool row_is(struct term *t, void *user) {
    const struct row_wish *wish = user;
    char *text = term_row(t, wish->row);
    bool same = strcmp(text, wish->text) == 0;
    free(text);
    return same;
}

bool term_expect_row(struct term *t, int row, const char *text) {
    struct row_wish wish = {row, text};
    char *what = mem_format("row %d is \"%s\"", row, text);
    bool good = term_expect(t, row_is, &wish, what);
    free(what);
    return good;
}

static bool cursor_is(struct term *t, void *user) {
    const int *at = user;
    return t->modes.cursor_row == at[0] && t->modes.cursor_column == at[1];
}

bool term_expect_cursor(struct term *t, int row, int column) {
    int at[2] = {row, column};
    char *what = mem_format("cursor at row %d, column %d", row, column);
    bool good = term_expect(t, cursor_is, at, what);
    free(what);
    return good;
}

/* ---- golden screens: the text, then a plane of the same size with a letter for each style, then
 * what the letters mean ---- */

static void add_colour(struct text_buffer *b, int colour) {
    if (colour < 0)
        text_buffer_puts(b, "default");
    else if (colour & TERM_RGB)
        text_buffer_format(b, "#%06x", colour & 0xFFFFFF);
    else
        text_buffer_format(b, "%d", colour);
}

static char *style_line(struct term_cell c) {
    struct text_buffer b = {0};
    add_colour(&b, c.fg);
    text_buffer_puts(&b, " on ");
    add_colour(&b, c.bg);
    text_buffer_format(&b, "%s%s%s", c.bold ? " bold" : "", c.underline ? " underline" : "",
                       c.reverse ? " reverse" : "");
    return text_buffer_take(&b);
}

static char *golden_text(struct term *t) {
    static const char letters[] =
        ".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+*=%@!&$#";
    struct text_buffer b = {0}, plane = {0};
    char *legend[sizeof letters] = {mem_text("default on default")};
    size_t n = 1;
    for (int row = 0; row < t->rows; row++) {
        char *line = term_row(t, row);
        text_buffer_format(&b, "%s|\n", line);
        free(line);
        for (int column = 0; column < t->columns; column++) {
            struct term_cell c = term_cell(t, row, column);
            if (!c.text[0]) {
                text_buffer_puts(&plane, "_");
                continue;
            }
            if (strcmp(c.text, " ") == 0 && !c.underline && !c.reverse)
                c.fg = -1, c.bold = false; /* a blank has no foreground */
            char *style = style_line(c);
            size_t i = 0;
            while (i < n && strcmp(legend[i], style) != 0)
                i++;
            if (i == n && n < sizeof letters - 1)
                legend[n++] = mem_text(style);
            free(style);
            text_buffer_add(&plane, i < n ? &letters[i] : "?", 1);
        }
        text_buffer_puts(&plane, "\n");
    }
    text_buffer_format(&b, "cursor %d,%d%s\n%s", t->modes.cursor_row, t->modes.cursor_column,
                       t->modes.cursor_visible ? "" : " hidden", plane.text);
    for (size_t i = 0; i < n; i++) {
        text_buffer_format(&b, "%c %s\n", letters[i], legend[i]);
        free(legend[i]);
    }
    text_buffer_dispose(&plane);
    return text_buffer_take(&b);
}

static bool golden_same(struct term *t, void *user) {
    char *text = golden_text(t);
    bool same = strcmp(text, user) == 0;
    free(text);
    return same;
}

bool term_expect_screen(struct term *t, const char *file) {
    struct err e = {0};
    char *want = NULL;
    size_t n;
    const char *update = getenv("UPDATE_GOLDEN");
    if (update && *update && *update != '0') {
        term_sync(t);
        char *text = golden_text(t);
        bool good = file_write(file, text, strlen(text), &e) == ERR_OK;
        free(text);
        if (!good)
            fprintf(stderr, "%s\n", e.message);
        return good;
    }
    if (file_read(&want, &n, file, 1 << 20, &e) != ERR_OK) {
        fprintf(stderr, "%s; UPDATE_GOLDEN=1 writes it\n", e.message);
        return false;
    }
    bool good = term_expect(t, golden_same, want, file);
    free(want);
    if (!good) {
        char *path = mem_format("%s.actual", file), *text = golden_text(t);
        if (file_write(path, text, strlen(text), &e) == ERR_OK)
            fprintf(stderr, "what it was is in %s\n", path);
        free(path);
        free(text);
    }
    return good;
}
