/*
 * What a terminal can do, as the sequences that make it do so: plain data, from its terminfo entry.
 * Any thread.
 */
#ifndef TINSEQ_VIEWS_CAPABILITIES_H
#define TINSEQ_VIEWS_CAPABILITIES_H

#include <stdbool.h>

/* terminfo's bits of attributes that show as colours where there are any (no_color_video). */
enum {
    CAPABILITY_UNDERLINE = 2,
    CAPABILITY_REVERSE = 4,
    CAPABILITY_DIM = 16,
    CAPABILITY_BOLD = 32
};

/* Sequences are owned; NULL: it has none. */
struct capabilities {
    char *normal; /* no attributes, the terminal's own colours */
    char *bold, *dim, *underline, *reverse;
    char *own_ink, *own_paper; /* its own colours alone */
    char *colours[2][256];     /* of the text, and of what is behind it */
    char *clear, *clear_line;  /* the screen, the cursor going home; the rest of the row */
    char *show_cursor, *hide_cursor;
    int not_with_colours; /* bits as above */
    bool keeps_last;      /* a character in the last place does not scroll */
    bool scrolls_away;    /* it has no other screen: what is shown stays when the program ends */
    /* To a place, as a sequence borrowed until the next call; NULL: as ECMA-48 says. */
    const char *(*go)(int row, int column);
};

#endif
