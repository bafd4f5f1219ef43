/*
 * A text being edited, of one line or several: the bytes, a cursor that moves by grapheme, soft
 * wrapping and drawing. What was typed or pasted is kept as it is (only broken UTF-8 becomes
 * U+FFFD, and CR LF a newline); what is drawn is sanitised. A key costs what lies around the cursor
 * and what is seen, however long the text is. Interface thread only.
 */
#ifndef TINSEQ_VIEWS_EDIT_H
#define TINSEQ_VIEWS_EDIT_H

#include "views/terminal/grid.h"
#include "views/widgets/edit_undo.h"
#include "views/widgets/gap_text.h"
#include "views/widgets/text_rows.h"

#include <stdbool.h>
#include <stddef.h>

#define EDIT_MOST_BYTES (1 << 20)

struct edit {
    struct gap_text *text;  /* NULL: empty */
    struct text_rows *rows; /* of the last layout; there when the text is */
    size_t cursor;          /* a byte offset, always at a grapheme's begin */
    bool lines;             /* newlines are allowed */
    int width;              /* columns of the last layout: what Up and Down mean */
    unsigned changes;       /* how often the text has changed */
    bool selected;          /* all of it: what is typed or pasted next replaces it */
    struct edit_undo undo;
};

void edit_dispose(struct edit *e);
/* Another text, of any length, with nothing to take back; the cursor goes to its end. NULL is the
 * empty text. */
void edit_set(struct edit *e, const char *text);
/* The same as one step that can be taken back. */
void edit_replace(struct edit *e, const char *text);
/* Selects all of it; where there is nothing, nothing. */
void edit_select(struct edit *e);
/* Takes the last step back, or does it again. False: there is none. */
bool edit_undo_step(struct edit *e);
bool edit_redo_step(struct edit *e);
/* Removes the blanks and line ends that the text ends in; returns how many bytes. */
size_t edit_trim(struct edit *e);
const char *edit_text(const struct edit *e); /* never NULL; borrowed until the next change */
bool edit_is_empty(const struct edit *e);
size_t edit_bytes(const struct edit *e);
/* Puts n bytes at the cursor, or for what is selected. In a text of one line, newlines become
 * blanks, and those at the end go. False: it would be longer than EDIT_MOST_BYTES, nothing changed.
 */
bool edit_insert(struct edit *e, const char *bytes, size_t n);
/* Handles a key of input.h that edits (characters, arrows, Home, End, Backspace, Delete, Ctrl-A E K
 * W, Ctrl-U for all, Ctrl-O for a newline, Ctrl-Left and -Right, undo and redo). What moves keeps
 * what was selected. False: not for the editor, or a character too much. */
bool edit_key(struct edit *e, int key);

/* The mouse, so many columns behind the byte `from` (HIT_EDIT): the cursor goes there, and what was
 * selected is not any more. */
void edit_press(struct edit *e, size_t from, int64_t columns);

/* Rows that the text takes at this width, at least 1; no more than `most` are counted. */
int edit_rows(const struct edit *e, int width, int most);
/* What of a text of several lines does not fit such an area. */
struct edit_hidden {
    bool above, below;
};
struct edit_hidden edit_hidden(const struct edit *e, struct area a, bool focus);
/* Draws into `a`, with the focus scrolled so that the cursor shows; a text of one line scrolls
 * sideways, with arrows where it goes on. `placeholder` shows while empty. Remembers the width. */
void edit_draw(struct grid *g, struct area a, struct edit *e, enum style_role role,
               const char *placeholder, bool focus);

#endif
