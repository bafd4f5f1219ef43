/*
 * The files of all parts of a data set, which several processes made (shard.h), put together: the
 * rows in the data set's order, byte by byte what one process would have written. Rows that are in
 * none of the files, or in two, are an error that names them. Untrusted. One thread at a time.
 */
#ifndef TINSEQ_APP_PARTS_H
#define TINSEQ_APP_PARTS_H

#include "app/dataset/batch_log.h"
#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the files are parts. USAGE: some are, and some are not. */
enum err_code parts_are(bool *out, const char *const *files, size_t n, struct err *e) ERR_CHECKED;

struct parts_told {
    int64_t n_rows, n_failed;
    char *failed_path; /* where those that failed are, owned by the caller; NULL: none did */
};

/* Writes OUT, and FILE.failed.jsonl beside it where rows failed. `write` as in
 * batch_log_finish_take. Errors: USAGE (gaps, doubles, parts of different runs), FORMAT (one is cut
 * short or damaged), IO. */
enum err_code parts_merge(struct parts_told *told, const char *out, const char *const *files,
                          size_t n, batch_log_write *write, void *user, struct err *e) ERR_CHECKED;

#endif
