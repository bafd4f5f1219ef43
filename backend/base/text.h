/*
 * Text that may come from anywhere (a model, a file, a person) made safe to show, and measured in
 * terminal columns. One place for the rule, used by the terminal, HTML, logs and the clipboard;
 * JSON keeps the vocabulary's own pieces instead. utf8proc gives categories and grapheme breaks,
 * wcwidth gives columns (ncurses lays out by wcwidth). Any thread.
 */
#ifndef TINSEQ_BACKEND_BASE_TEXT_H
#define TINSEQ_BACKEND_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Sanitised copy of n bytes, owned by the caller, never NULL. Valid UTF-8 out: leading spaces →
 * '·' each when `marks`, newline → ⏎, tab → ⇥, C0 and DEL → ^X, C1, format (bidi,
 * zero-width), private, unassigned and line/paragraph separators → <U+202E>, bytes that are no
 * whole character → <E6>, a leading combining mark gets U+25CC before it. `marks` false leaves
 * spaces alone (prompts, messages). Nothing is dropped silently. */
char *text_sanitise(const char *bytes, size_t n, bool marks);

/* The same of a whole text, its spaces left alone; NULL is empty. */
char *text_clean(const char *text);
/* The same of its beginning, more than any row of a terminal holds. */
char *text_clean_start(const char *text);

/* A mark says, invisibly, what a press on the text behind it does: a number between U+000E and
 * U+000F, which sanitised text never has. Returns its bytes where it stands at the text's start, 0
 * where none does; *value may be NULL. */
size_t text_mark(const char *utf8, int *value);
#define TEXT_MARK "\016%d\017" /* a format that makes one */

/* Columns of sanitised text in a terminal; marks take none. */
int text_columns(const char *utf8);

/* Copies as many whole graphemes of sanitised text as fit `columns` into buf (size n_buf), cut ones
 * marked by a final '~', padded with spaces to exactly `columns` when `pad`. Returns the columns
 * used. */
int text_fit(char *buf, size_t n_buf, const char *utf8, int columns, bool pad);

/* NULL is the same as NULL only. */
bool text_same(const char *a, const char *b);
bool text_ends_with(const char *text, const char *end);

/* True when n bytes are valid UTF-8; else *at is the offset of the first bad byte. */
bool text_valid_utf8(const char *bytes, size_t n, size_t *at);

/* How many bytes a character has that begins with this one; 0: none does. */
size_t text_character_bytes(unsigned char first);

/* A copy as UTF-8, owned by the caller; each broken sequence, and each NUL, becomes one U+FFFD, as
 * in Rust's and Python's lossy decoding. */
char *text_repaired(const char *bytes, size_t n);

/* The entry of `names` (n of them) nearest to `word` by edit distance, or NULL when none is near.
 * Borrowed. */
const char *text_nearest(const char *word, const char *const *names, size_t n);

#endif
