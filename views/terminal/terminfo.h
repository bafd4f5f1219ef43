/*
 * A terminal's compiled terminfo entry, as far as the colour ladder needs it before ncurses starts.
 * Entries are untrusted files. Any thread. Format: term(5), legacy and 32-bit number storage,
 * extended names.
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

#endif
