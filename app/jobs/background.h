/*
 * Work on files that would hold the screen up: opening a large one, reading the rows of a data set,
 * writing them. One thread of its own does one piece after another. What it does and how far it is
 * can be asked; who posted it hears of the end on the interface thread.
 */
#ifndef TINSEQ_APP_BACKGROUND_H
#define TINSEQ_APP_BACKGROUND_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct background;

/* A piece of work. */
struct background_work {
    const char *phase; /* what a person reads meanwhile; a literal */
    void *user;
    const void *uses; /* what must stay while it runs: see background_forget */
    /* On the thread. It tells how far it is by background_tell and ends when that says so. */
    enum err_code (*run)(struct background *b, void *user, struct err *e);
    /* On the interface thread, once it is over. `owner` is background_take's. */
    void (*done)(void *owner, void *user, enum err_code code, const struct err *e);
    /* Instead of `done`, when it will not be run any more; NULL: nothing is to be done then. */
    void (*drop)(void *user);
};

/* How far the work is that runs. */
struct background_state {
    const char *phase;   /* NULL: nothing runs or waits */
    int64_t done, total; /* total 0: nobody knows */
};

/* --- the interface thread --- */

/* Errors: IO (no thread). */
enum err_code background_start(struct background **out, struct err *e) ERR_CHECKED;
/* Stops what runs, drops what waits, frees everything. NULL is legal. */
void background_stop(struct background *b);
/* Readable while there is something new to draw, or an end to be told. */
int background_fd(const struct background *b);
void background_add(struct background *b, struct background_work work);
/* Calls `done` of what is over. */
void background_take(struct background *b, void *owner);
struct background_state background_state(struct background *b);
/* What runs ends soon, with CANCELLED, and so does what waits. False: there is nothing. */
bool background_cancel(struct background *b);
/* Work that uses this is over when this returns, and nobody hears of it; it is dropped. */
void background_forget(struct background *b, const void *used);

/* --- the thread --- */

/* False: it is to end with ERR_CANCELLED. Cheap: may be called for each row. */
bool background_tell(struct background *b, int64_t done, int64_t total);

#endif
