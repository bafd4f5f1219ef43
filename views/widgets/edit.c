#include "views/widgets/edit.h"

#include "backend/base/mem.h"
#include "views/terminal/input.h"
#include "views/widgets/graphemes.h"
#include "views/widgets/hint.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

void edit_dispose(struct edit *e) {
    gap_text_free(e->text);
    if (e->rows)
        text_rows_dispose(e->rows);
    free(e->rows);
    edit_undo_dispose(&e->undo);
    e->text = NULL;
    e->rows = NULL;
    e->cursor = 0;
    e->selected = false;
}

const char *edit_text(const struct edit *e) {
    return gap_text_whole(e->text);
}

size_t edit_bytes(const struct edit *e) {
    return gap_text_size(e->text);
}

bool edit_is_empty(const struct edit *e) {
    return edit_bytes(e) == 0;
}

static char byte_at(const struct edit *e, size_t at) {
    return gap_text_at(e->text, at);
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

/* The text has changed from `at` on. */
static void changed(struct edit *e, size_t at) {
    if (!e->rows)
        e->rows = mem_alloc(sizeof *e->rows);
    text_rows_cut(e->rows, at);
    e->changes++;
}

/* Puts bytes as they are in the place of [from, to); the cursor goes behind them. */
static void put(struct edit *e, size_t from, size_t to, const char *bytes, size_t n) {
    if (to > from)
        gap_text_remove(e->text, from, to);
    gap_text_insert(&e->text, from, bytes, n);
    changed(e, from);
    e->cursor = from + n;
    e->selected = false;
}

/* The same as a step that can be taken back; typed: by a key. */
static void put_step(struct edit *e, size_t from, size_t to, const char *bytes, size_t n,
                     bool typed) {
    const struct edit_step step = {.at = from,
                                   .cursor = e->cursor,
                                   .removed = gap_text_copy(e->text, from, to),
                                   .n_removed = to - from,
                                   .added = mem_text_n(bytes, n),
                                   .n_added = n};
    put(e, from, to, bytes, n);
    edit_undo_note_take(&e->undo, step, typed);
}

/* What was typed or pasted, in the place of [from, to). */
static void insert(struct edit *e, size_t from, size_t to, const char *bytes, size_t n,
                   bool typed) {
    struct text_buffer clean = {0};
    while (!e->lines && n > 1 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r'))
        n--;
    add_clean(&clean, bytes, n, e->lines);
    if (clean.n || to > from)
        put_step(e, from, to, clean.n ? clean.text : "", clean.n, typed);
    text_buffer_dispose(&clean);
}

/* At the cursor, or for what is selected. */
static bool insert_here(struct edit *e, const char *bytes, size_t n, bool typed) {
    const size_t from = e->selected ? 0 : e->cursor, to = e->selected ? edit_bytes(e) : e->cursor;
    if (n > EDIT_MOST_BYTES || edit_bytes(e) - (to - from) + n > EDIT_MOST_BYTES)
        return false;
    insert(e, from, to, bytes, n, typed);
    return true;
}

bool edit_insert(struct edit *e, const char *bytes, size_t n) {
    return insert_here(e, bytes, n, false);
}

static void remove_bytes(struct edit *e, size_t from, size_t to, bool typed) {
    if (from < to)
        put_step(e, from, to, "", 0, typed);
    e->selected = false;
}

void edit_replace(struct edit *e, const char *text) {
    insert(e, 0, edit_bytes(e), text ? text : "", text ? strlen(text) : 0, false);
}

void edit_set(struct edit *e, const char *text) {
    edit_replace(e, text);
    edit_undo_dispose(&e->undo);
    e->selected = false;
}

void edit_select(struct edit *e) {
    e->selected = !edit_is_empty(e);
}

bool edit_undo_step(struct edit *e) {
    const struct edit_step *s = edit_undo_back(&e->undo);
    if (!s)
        return false;
    put(e, s->at, s->at + s->n_added, s->removed, s->n_removed);
    e->cursor = s->cursor;
    return true;
}

bool edit_redo_step(struct edit *e) {
    const struct edit_step *s = edit_undo_again(&e->undo);
    if (s)
        put(e, s->at, s->at + s->n_removed, s->added, s->n_added);
    return s != NULL;
}

/* --- rows -------------------------------------------------------------------------------- */

int edit_rows(const struct edit *e, int width, int most) {
    return e->text ? (int)text_rows_count(e->rows, e->text, width, (size_t)most) : 1;
}

/* The offset in a row that is nearest to a column. */
static size_t offset_in(const struct edit *e, size_t row, int column) {
    size_t at, end;
    text_rows_bytes(&at, &end, e->rows, e->text, row);
    while (at < end && byte_at(e, at) != '\n') {
        const size_t next = grapheme_next(e->text, at);
        const bool wrapped = next == end && end < edit_bytes(e);
        column -= grapheme_columns(e->text, at, next);
        if (column < 0 || wrapped)
            break;
        at = next;
    }
    return at;
}

/* --- moving ------------------------------------------------------------------------------ */

static bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\t';
}

size_t edit_trim(struct edit *e) {
    size_t n = edit_bytes(e), to = n;
    while (to > 0 && is_blank(byte_at(e, to - 1)))
        to--;
    remove_bytes(e, to, n, false);
    return n - to;
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
    EDIT_ALL
};

static size_t line_start(const struct edit *e, size_t at) {
    while (at > 0 && byte_at(e, at - 1) != '\n')
        at--;
    return at;
}

static size_t line_end(const struct edit *e, size_t at) {
    while (at < edit_bytes(e) && byte_at(e, at) != '\n')
        at++;
    return at;
}

static size_t word_left(const struct edit *e, size_t at) {
    while (at > 0 && is_blank(byte_at(e, at - 1)))
        at--;
    while (at > 0 && !is_blank(byte_at(e, at - 1)))
        at--;
    return at;
}

static size_t word_right(const struct edit *e, size_t at) {
    const size_t n = edit_bytes(e);
    while (at < n && is_blank(byte_at(e, at)))
        at++;
    while (at < n && !is_blank(byte_at(e, at)))
        at++;
    return at;
}

/* One row up or down from the cursor; where there is none, the cursor's own place. */
static size_t next_row(const struct edit *e, bool down) {
    const int width = e->width > 1 ? e->width : 80;
    size_t from, to;
    if (!e->lines || !e->text)
        return e->cursor;
    const size_t row = text_rows_find(e->rows, e->text, width, e->cursor),
                 n = text_rows_count(e->rows, e->text, width, row + 2);
    if (down ? row + 1 >= n : row == 0)
        return e->cursor;
    text_rows_bytes(&from, &to, e->rows, e->text, row);
    return offset_in(e, down ? row + 1 : row - 1,
                     grapheme_columns_between(e->text, from, e->cursor));
}

static size_t target_of(const struct edit *e, enum edit_motion motion) {
    switch (motion) {
    case EDIT_LEFT:
        return grapheme_previous(e->text, e->cursor);
    case EDIT_RIGHT:
        return grapheme_next(e->text, e->cursor);
    case EDIT_WORD_LEFT:
        return word_left(e, e->cursor);
    case EDIT_WORD_RIGHT:
        return word_right(e, e->cursor);
    case EDIT_LINE_START:
        return line_start(e, e->cursor);
    case EDIT_LINE_END:
        return line_end(e, e->cursor);
    case EDIT_UP:
    case EDIT_DOWN:
        return next_row(e, motion == EDIT_DOWN);
    case EDIT_ALL:
        return e->cursor;
    }
    return e->cursor;
}

/* False: the cursor could not move (so that Up in the first row may leave the field). */
static bool move_to(struct edit *e, enum edit_motion motion) {
    size_t before = e->cursor;
    e->cursor = target_of(e, motion);
    return e->cursor != before;
}

/* Deletes from the cursor to where the motion leads; what is selected, and all, as a whole. */
static void delete_to(struct edit *e, enum edit_motion motion) {
    const bool letter = motion == EDIT_LEFT || motion == EDIT_RIGHT;
    const size_t to = target_of(e, motion), from = e->cursor;
    if (e->selected || motion == EDIT_ALL)
        remove_bytes(e, 0, edit_bytes(e), false);
    else
        remove_bytes(e, to < from ? to : from, to < from ? from : to, letter);
}

/* A selected text is one thing: what moves leaves it by the side that it moves to. */
static void leave_selection(struct edit *e, enum edit_motion motion) {
    if (motion == EDIT_LEFT)
        e->cursor = 0;
    else if (motion == EDIT_RIGHT)
        e->cursor = edit_bytes(e);
    else
        move_to(e, motion);
    e->selected = false;
}

static int encode(char *buf, int key) {
    utf8proc_ssize_t n = utf8proc_encode_char(key, (uint8_t *)buf);
    return n > 0 ? (int)n : 0;
}

/* False: the key is for neither. */
static bool key_step(struct edit *e, int key) {
    const bool back = widget_key(WIDGET_UNDO, key), again = widget_key(WIDGET_REDO, key);
    if (back)
        edit_undo_step(e);
    else if (again)
        edit_redo_step(e);
    return back || again;
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
        {INPUT_CTRL | 'U', true, EDIT_ALL},
    };
    char bytes[8];
    if (input_is_text(key))
        return insert_here(e, bytes, (size_t)encode(bytes, key), true);
    if (widget_key(WIDGET_NEW_LINE, key))
        return e->lines && insert_here(e, "\n", 1, true);
    if (key_step(e, key))
        return true;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i].key != key)
            continue;
        if (keys[i].deletes) {
            delete_to(e, keys[i].motion);
            return true;
        }
        e->undo.open = false;
        if (e->selected) {
            leave_selection(e, keys[i].motion);
            return true;
        }
        bool moved = move_to(e, keys[i].motion);
        return moved || (keys[i].motion != EDIT_UP && keys[i].motion != EDIT_DOWN);
    }
    return false;
}
