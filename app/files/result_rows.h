/*
 * The results of a file one by one: of a small JSON they are in memory, of a large one and of rows
 * only their places are, so that a file of a gigabyte takes some megabytes. What a person gives may
 * be a pipe, and packed by gzip. Untrusted. Rows are loaded by any thread; all else is one thread's
 * at a time.
 */
#ifndef TINSEQ_APP_RESULT_ROWS_H
#define TINSEQ_APP_RESULT_ROWS_H

#include "backend/base/err.h"
#include "methods/result/attribution.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct result_rows;

/* Who waits while a file is read through: is told how many bytes of its text were, and answers
 * whether it goes on. */
struct rows_watch {
    bool (*goes_on)(void *user, uint64_t bytes);
    void *user;
};

/* Errors: IO, FORMAT, NOMEM. A file of rows may hold rows that are damaged: loading them says so.
 */
enum err_code result_rows_open(struct result_rows **out, const char *path,
                               struct err *e) ERR_CHECKED;
/* Whether to open it takes no longer than a key may: it is small, or cannot be opened at all. Not
 * so a pipe, of which nobody knows. */
bool result_rows_quick(const char *path);
/* The same, watched; `watch` NULL: by nobody. Also ERR_CANCELLED. */
enum err_code result_rows_open_watched(struct result_rows **out, const char *path,
                                       const struct rows_watch *watch, struct err *e) ERR_CHECKED;
void result_rows_close(struct result_rows *r); /* NULL is legal */

size_t result_rows_count(const struct result_rows *r); /* sequences: at least one */
/* The i-th, a result of one sequence, with a reference for the caller. Errors: IO, FORMAT (which
 * line is damaged), NOMEM. */
enum err_code result_rows_load(struct attribution **out, struct result_rows *r, size_t i,
                               struct err *e) ERR_CHECKED;
/* All of them as one result. Also ERR_UNSUPPORTED: of rows whose info one result cannot have. */
enum err_code result_rows_load_all(struct attribution **out, struct result_rows *r,
                                   struct err *e) ERR_CHECKED;

/* Whether the file has step attributions, which are of all its texts. */
bool result_rows_have_steps(const struct result_rows *r);

#endif
