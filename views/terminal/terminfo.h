/*
 * A terminal's compiled terminfo entry, read and changed in memory. Debian ships no *-direct
 * entries, so exact colours are had by giving ncurses the person's own entry with another way to
 * set colours (ncurses(3X): TERMINFO=b64:…). Entries are untrusted files. Any thread. Format:
 * term(5), legacy and 32-bit number storage, extended names.
 */
#ifndef TINSEQ_VIEWS_TERMINFO_H
#define TINSEQ_VIEWS_TERMINFO_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct terminfo_facts {
    bool moves_cursor; /* has `cup`: can show screens at all */
    bool rgb;          /* says itself that colours are RGB */
    int colours;       /* max_colors; 0 without */
};

/* The compiled entry of `term`, from the folders that ncurses looks in. *entry is owned by the
 * caller. Errors: IO when there is none, FORMAT. */
enum err_code terminfo_read(char **entry, size_t *n, const char *term, struct err *e) ERR_CHECKED;
enum err_code terminfo_facts(struct terminfo_facts *out, const char *entry, size_t n,
                             struct err *e) ERR_CHECKED;

/* A copy of the entry that neither defines colours nor resets the palette (what ncurses would do on
 * leaving, wiping the person's own palette) nor repeats characters by a sequence (terminals made of
 * libvterm wrap wrongly after one that ends in the last column but one), and, when `direct`, has
 * 2^24 colours set by SGR 38;2 and 48;2. *patched is owned by the caller. Errors: FORMAT. */
enum err_code terminfo_patch(char **patched, size_t *n_patched, const char *entry, size_t n,
                             bool direct, struct err *e) ERR_CHECKED;

/* "b64:…" for the TERMINFO variable; owned by the caller. */
char *terminfo_variable(const char *entry, size_t n);

#endif
