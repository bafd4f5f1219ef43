/*
 * The journal of a long run, in SQLite: what the run is, and which batches stand where in the files
 * beside it. SQLite is opened when it is first needed. A write-ahead log with an exclusive lock: it
 * keeps no memory shared with other processes, which network file systems lack, and waits for the
 * disk only where it is asked to. Untrusted when it is opened again. Internal to app/dataset. One
 * thread at a time.
 */
#ifndef TINSEQ_APP_JOURNAL_H
#define TINSEQ_APP_JOURNAL_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct journal;

/* A batch, and where it stands in the files of rows and of rows that failed. */
struct journal_batch {
    int64_t number, first_row, n_rows, n_failed;
    int64_t at, n, failed_at, failed_n;
    int64_t sum; /* of the bytes in both */
};

/* Opens a journal, or begins it. `locks`: the file system has locks, so that nobody changes it
 * meanwhile. Errors: UNSUPPORTED with the package to install, IO, FORMAT (no journal, or damaged).
 */
enum err_code journal_open(struct journal **out, const char *path, bool locks,
                           struct err *e) ERR_CHECKED;
void journal_close(struct journal *j); /* NULL is legal */

/* A text that was kept by a name, owned by the caller; NULL: none was. */
enum err_code journal_text(char **out, struct journal *j, const char *name,
                           struct err *e) ERR_CHECKED;
enum err_code journal_keep(struct journal *j, const char *name, const char *text,
                           struct err *e) ERR_CHECKED;

/* Forgets all that was kept, and all batches. */
enum err_code journal_forget(struct journal *j, struct err *e) ERR_CHECKED;

/* Adds a batch, and what stands above the rows behind it (NULL: what stood there before): all of it
 * or nothing, whenever the process is killed. `on_disk`: also when the power goes; what both files
 * have is on the disk already. */
enum err_code journal_add(struct journal *j, const struct journal_batch *b, const char *above,
                          bool on_disk, struct err *e) ERR_CHECKED;
/* How many batches are on the disk. */
enum err_code journal_on_disk(int64_t *n, struct journal *j, struct err *e) ERR_CHECKED;
/* Forgets all batches but the first n. */
enum err_code journal_cut(struct journal *j, int64_t n, struct err *e) ERR_CHECKED;
/* All batches, in the order in which they were added. Errors: those of `each`, too. */
enum err_code journal_each(struct journal *j,
                           enum err_code (*each)(void *user, const struct journal_batch *b,
                                                 struct err *e),
                           void *user, struct err *e) ERR_CHECKED;

#endif
