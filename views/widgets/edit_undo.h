/*
 * What was done to a text, step by step, to take it back and do it again. Letters typed one after
 * the other, and those erased, are one step for each word. Bounded: the oldest steps go. Interface
 * thread only.
 */
#ifndef TINSEQ_VIEWS_EDIT_UNDO_H
#define TINSEQ_VIEWS_EDIT_UNDO_H

#include <stdbool.h>
#include <stddef.h>

/* At `at`, `removed` gave way to `added`. */
struct edit_step {
    size_t at, cursor; /* cursor: where it was before */
    char *removed, *added;
    size_t n_removed, n_added;
};

struct edit_undo {
    struct edit_step *steps; /* [n], the first `done` of them done */
    size_t n, done, bytes;
    bool open; /* what is typed next may join the last one */
};

void edit_undo_dispose(struct edit_undo *u);
/* A step is done; its texts are taken. `typed`: by a key that may join the one before. */
void edit_undo_note_take(struct edit_undo *u, struct edit_step step, bool typed);
/* The step to take back, or to do again; NULL: there is none. Borrowed until the next call. */
const struct edit_step *edit_undo_back(struct edit_undo *u);
const struct edit_step *edit_undo_again(struct edit_undo *u);

#endif
