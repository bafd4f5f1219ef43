#include "views/widgets/edit.h"

#include "backend/base/text.h"
#include "views/terminal/input.h"
#include "views/widgets/hint.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

void edit_dispose(struct edit *e) {
    text_buffer_dispose(&e->text);
    e->cursor = 0;
}

const char *edit_text(const struct edit *e) {
    return e->text.text ? e->text.text : "";
}

bool edit_is_empty(const struct edit *e) {
    return e->text.n == 0;
}

void edit_set(struct edit *e, const char *text) {
    text_buffer_dispose(&e->text);
    e->cursor = 0;
    if (text)
        edit_insert(e, text, strlen(text));
}

/* The offset after the grapheme that begins at `at`. The text is valid UTF-8. */
static size_t next_grapheme(const struct edit *e, size_t at) {
    const uint8_t *text = (const uint8_t *)edit_text(e);
    utf8proc_int32_t before, now, state = 0;
    if (at >= e->text.n)
        return e->text.n;
    at += (size_t)utf8proc_iterate(text + at, (utf8proc_ssize_t)(e->text.n - at), &before);
    while (at < e->text.n) {
        utf8proc_ssize_t n = utf8proc_iterate(text + at, (utf8proc_ssize_t)(e->text.n - at), &now);
        if (n <= 0 || utf8proc_grapheme_break_stateful(before, now, &state))
            break;
        at += (size_t)n;
        before = now;
    }
    return at;
}

static size_t line_start(const struct edit *e, size_t at) {
    while (at > 0 && edit_text(e)[at - 1] != '\n')
        at--;
    return at;
}

static size_t previous_grapheme(const struct edit *e, size_t at) {
    if (at == 0)
        return 0;
    if (edit_text(e)[at - 1] == '\n')
        return at - 1;
    size_t from = line_start(e, at), before = from;
    while (from < at) {
        before = from;
        from = next_grapheme(e, from);
    }
    return before;
}

/* Valid UTF-8 without CR and NUL; U+FFFD for each byte that is none. */
static void add_clean(struct text_buffer *out, const char *bytes, size_t n, bool lines) {
    for (size_t i = 0; i < n;) {
        utf8proc_int32_t c;
        utf8proc_ssize_t used =
            utf8proc_iterate((const uint8_t *)bytes + i, (utf8proc_ssize_t)(n - i), &c);
        if (used <= 0) {
            text_buffer_puts(out, "\xEF\xBF\xBD");
            i++;
            continue;
        }
        if (c == '\r') {
            if (i + 1 >= n || bytes[i + 1] != '\n')
                text_buffer_puts(out, lines ? "\n" : " ");
        } else if (c == '\n') {
            text_buffer_puts(out, lines ? "\n" : " ");
        } else if (c != 0) {
            text_buffer_add(out, bytes + i, (size_t)used);
        }
        i += (size_t)used;
    }
}

bool edit_insert(struct edit *e, const char *bytes, size_t n) {
    struct text_buffer whole = {0};
    if (n > EDIT_MOST_BYTES || e->text.n + n > EDIT_MOST_BYTES)
        return false;
    text_buffer_add(&whole, edit_text(e), e->cursor);
    add_clean(&whole, bytes, n, e->lines);
    size_t cursor = whole.n;
    text_buffer_puts(&whole, edit_text(e) + e->cursor);
    text_buffer_dispose(&e->text);
    e->text = whole;
    e->cursor = cursor;
    return true;
}

/* --- rows -------------------------------------------------------------------------------- */

/* One drawn piece of the text: where it lies in rows of `width` columns. */
struct walk {
    const struct edit *e;
    int width;
    size_t at, next; /* the grapheme's bytes [at, next) */
    int row, column, columns;
    char *shown; /* sanitised; owned until the next step */
};

static void walk_begin(struct walk *w, const struct edit *e, int width) {
    *w = (struct walk){.e = e, .width = width > 1 ? width : 2};
}

/* The next grapheme; at the end of the text false, with the place after it. */
static bool walk_step(struct walk *w) {
    if (w->next > 0 && edit_text(w->e)[w->at] == '\n') {
        w->row++;
        w->column = 0;
    } else {
        w->column += w->columns;
    }
    free(w->shown);
    w->shown = NULL;
    w->at = w->next;
    w->columns = 0;
    if (w->at >= w->e->text.n) {
        if (w->column >= w->width) {
            w->row++;
            w->column = 0;
        }
        return false;
    }
    w->next = next_grapheme(w->e, w->at);
    if (edit_text(w->e)[w->at] == '\n') {
        w->next = w->at + 1;
        return true;
    }
    w->shown = text_sanitise(edit_text(w->e) + w->at, w->next - w->at, false);
    w->columns = text_columns(w->shown);
    if (w->column + w->columns > w->width) {
        w->row++;
        w->column = 0;
    }
    return true;
}

int edit_rows(const struct edit *e, int width) {
    struct walk w;
    walk_begin(&w, e, width);
    while (walk_step(&w)) {
    }
    return w.row + 1;
}

static void place_of(const struct edit *e, size_t at, int width, int *row, int *column) {
    struct walk w;
    walk_begin(&w, e, width);
    while (walk_step(&w) && w.at < at) {
    }
    *row = w.row;
    *column = w.column;
    free(w.shown);
}

/* The offset nearest to a row and column; the text's end when there is no such row. */
static size_t offset_at(const struct edit *e, int row, int column, int width) {
    struct walk w;
    size_t best = e->text.n;
    walk_begin(&w, e, width);
    while (walk_step(&w)) {
        bool newline = edit_text(e)[w.at] == '\n';
        if (w.row > row)
            break;
        if (w.row == row) {
            best = w.at;
            if (w.column + w.columns > column || newline)
                break;
            best = w.next;
        }
    }
    free(w.shown);
    return best;
}

/* --- moving ------------------------------------------------------------------------------ */

static bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t';
}

enum edit_motion {
    EDIT_LEFT,
    EDIT_RIGHT,
    EDIT_WORD_LEFT,
    EDIT_WORD_RIGHT,
    EDIT_LINE_START,
    EDIT_LINE_END,
    EDIT_UP,
    EDIT_DOWN,
    EDIT_START,
    EDIT_END
};

static size_t target_of(const struct edit *e, enum edit_motion motion) {
    const char *text = edit_text(e);
    size_t at = e->cursor;
    int row, column, width = e->width > 1 ? e->width : 80;
    switch (motion) {
    case EDIT_LEFT:
        return previous_grapheme(e, at);
    case EDIT_RIGHT:
        return text[at] == '\n' ? at + 1 : next_grapheme(e, at);
    case EDIT_WORD_LEFT:
        while (at > 0 && is_blank(text[at - 1]))
            at--;
        while (at > 0 && !is_blank(text[at - 1]))
            at--;
        return at;
    case EDIT_WORD_RIGHT:
        while (at < e->text.n && is_blank(text[at]))
            at++;
        while (at < e->text.n && !is_blank(text[at]))
            at++;
        return at;
    case EDIT_LINE_START:
        return line_start(e, at);
    case EDIT_LINE_END:
        while (at < e->text.n && text[at] != '\n')
            at++;
        return at;
    case EDIT_UP:
    case EDIT_DOWN:
        if (!e->lines)
            return at;
        place_of(e, at, width, &row, &column);
        row += motion == EDIT_UP ? -1 : 1;
        return row < 0 || row >= edit_rows(e, width) ? at : offset_at(e, row, column, width);
    case EDIT_START:
        return 0;
    case EDIT_END:
        return e->text.n;
    }
    return at;
}

/* False: the cursor could not move (so that Up in the first row may leave the field). */
static bool move_to(struct edit *e, enum edit_motion motion) {
    size_t before = e->cursor;
    e->cursor = target_of(e, motion);
    return e->cursor != before;
}

/* Deletes from the cursor to where the motion leads. */
static void delete_to(struct edit *e, enum edit_motion motion) {
    size_t to = target_of(e, motion), from = e->cursor;
    if (to < from) {
        size_t swap = to;
        to = from;
        from = swap;
    }
    if (to == from)
        return;
    memmove(e->text.text + from, e->text.text + to, e->text.n - to + 1);
    e->text.n -= to - from;
    e->cursor = from;
}

static int encode(char *buf, int key) {
    utf8proc_ssize_t n = utf8proc_encode_char(key, (uint8_t *)buf);
    return n > 0 ? (int)n : 0;
}

bool edit_key(struct edit *e, int key) {
    static const struct {
        int key;
        bool deletes;
        enum edit_motion motion;
    } keys[] = {
        {INPUT_LEFT, false, EDIT_LEFT},
        {INPUT_RIGHT, false, EDIT_RIGHT},
        {INPUT_CTRL | INPUT_LEFT, false, EDIT_WORD_LEFT},
        {INPUT_CTRL | INPUT_RIGHT, false, EDIT_WORD_RIGHT},
        {INPUT_HOME, false, EDIT_LINE_START},
        {INPUT_CTRL | 'A', false, EDIT_LINE_START},
        {INPUT_END, false, EDIT_LINE_END},
        {INPUT_CTRL | 'E', false, EDIT_LINE_END},
        {INPUT_UP, false, EDIT_UP},
        {INPUT_DOWN, false, EDIT_DOWN},
        {INPUT_BACKSPACE, true, EDIT_LEFT},
        {INPUT_DELETE, true, EDIT_RIGHT},
        {INPUT_CTRL | 'D', true, EDIT_RIGHT},
        {INPUT_CTRL | 'W', true, EDIT_WORD_LEFT},
        {INPUT_CTRL | 'K', true, EDIT_LINE_END},
        {INPUT_CTRL | 'U', true, EDIT_LINE_START},
    };
    char bytes[8];
    if (input_is_text(key))
        return edit_insert(e, bytes, (size_t)encode(bytes, key));
    if (widget_key(WIDGET_NEW_LINE, key))
        return e->lines && edit_insert(e, "\n", 1);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i].key != key)
            continue;
        if (keys[i].deletes) {
            delete_to(e, keys[i].motion);
            return true;
        }
        bool moved = move_to(e, keys[i].motion);
        return moved || (keys[i].motion != EDIT_UP && keys[i].motion != EDIT_DOWN);
    }
    return false;
}

/* --- drawing ----------------------------------------------------------------------------- */

void edit_draw(struct grid *g, struct area a, struct edit *e, enum style_role role,
               const char *placeholder, bool focus) {
    int width = e->lines ? a.columns : 1 << 24, row, column;
    struct walk w;
    for (int r = 0; r < a.rows; r++)
        grid_put_fit(g, a, r, 0, a.columns, role, "", false);
    e->width = a.columns;
    if (edit_is_empty(e) && placeholder && a.rows > 0)
        grid_put_fit(g, a, 0, 0, a.columns, role == STYLE_FIELD ? STYLE_DIM : role, placeholder,
                     false);
    place_of(e, e->cursor, width, &row, &column);
    int top = row >= a.rows ? row + 1 - a.rows : 0;
    int left = !e->lines && column >= a.columns ? column + 1 - a.columns : 0;
    walk_begin(&w, e, width);
    while (walk_step(&w))
        if (w.shown && w.row >= top && w.row < top + a.rows && w.column >= left)
            grid_put(g, a, w.row - top, w.column - left, role, w.shown);
    if (focus)
        grid_set_cursor(g, a, row - top, column - left);
}
