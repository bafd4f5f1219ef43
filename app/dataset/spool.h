/* A file that grows, and counts up to where its owner says. Internal to app/dataset. One thread at
 * a time. */
#ifndef TINSEQ_APP_SPOOL_H
#define TINSEQ_APP_SPOOL_H

#include "backend/base/err.h"
#include "backend/base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spool {
    char *path;
    int fd;     /* −1: not open */
    int64_t at; /* where what counts ends */
};

/* n bytes from `at`; owned by the caller. Errors: IO (also where they are not there), NOMEM. */
enum err_code spool_read(char **out, const struct spool *s, int64_t at, int64_t n,
                         struct err *e) ERR_CHECKED;
/* Appends n bytes. On failure the file ends where it ended. Errors: IO. */
enum err_code spool_add(struct spool *s, const char *data, size_t n, struct err *e) ERR_CHECKED;
/* All of it is on the disk. Errors: IO. */
enum err_code spool_sync(struct spool *s, struct err *e) ERR_CHECKED;
void spool_close(struct spool *s);

/* Lines as a spool has them: packed as one gzip member where it is packed, none for no bytes.
 * Errors: NOMEM. */
enum err_code spool_pack(struct text_buffer *out, const struct text_buffer *lines, bool packed,
                         struct err *e) ERR_CHECKED;

#endif
