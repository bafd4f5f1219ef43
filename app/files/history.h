/*
 * What was typed before, kept between sessions: texts under names (a field's), oldest first, each
 * once. One JSON file in the state folder that only its owner can read, bounded, written
 * atomically; what another session has added meanwhile stays. Untrusted when it is read. Interface
 * thread only.
 */
#ifndef TINSEQ_APP_HISTORY_H
#define TINSEQ_APP_HISTORY_H

#include "backend/base/err.h"

#include <stddef.h>

#define HISTORY_MOST 1000             /* texts, of all names */
#define HISTORY_MOST_BYTES (4u << 20) /* of them and their names */
#define HISTORY_MOST_TEXT (1u << 20)  /* of one: a longer one is not kept */

struct history_entry {
    char *name, *text; /* owned */
};

struct history {
    char *path; /* NULL: nothing is kept on disk */
    struct history_entry *items;
    size_t n, bytes;
};

/* A missing file is an empty history, and so is a damaged one, which is put aside as PATH.damaged:
 * the error says so. Errors: IO, FORMAT. */
enum err_code history_open(struct history *h, const char *path, struct err *e) ERR_CHECKED;
void history_dispose(struct history *h);
/* Adds texts and writes the file; names and texts are copied, empty texts left out. Errors: IO, and
 * they are there for this session. */
enum err_code history_add(struct history *h, const struct history_entry *items, size_t n,
                          struct err *e) ERR_CHECKED;
/* The i-th last text of a name, NULL: there are not so many. Borrowed until the next one is
 * added. */
const char *history_text(const struct history *h, const char *name, size_t i);

#endif
