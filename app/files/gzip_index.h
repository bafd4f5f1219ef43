/*
 * A gzip file read at any place without unpacking what is before it: while it is unpacked once, the
 * state of the decompressor is kept every few megabytes (32 KB each), as in zlib's example zran.c.
 * Files of several members (cat a.gz b.gz) are one. Untrusted. Any thread.
 */
#ifndef TINSEQ_APP_GZIP_INDEX_H
#define TINSEQ_APP_GZIP_INDEX_H

#include "backend/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct gzip_index;

/* Unpacks all of fd, which is read from its beginning, and gives it to `each` piece by piece;
 * checks its sums. Errors: IO, FORMAT (damaged or cut short), NOMEM, and those of `each`. */
enum err_code gzip_index_make(struct gzip_index **out, int fd,
                              enum err_code (*each)(void *user, const char *data, size_t n,
                                                    struct err *e),
                              void *user, struct err *e) ERR_CHECKED;
void gzip_index_free(struct gzip_index *x); /* NULL is legal */

/* Unpacked bytes in all. */
uint64_t gzip_index_size(const struct gzip_index *x);
/* Reads n unpacked bytes from `at`, which must be there. Errors: IO, FORMAT, NOMEM. */
enum err_code gzip_index_read(const struct gzip_index *x, int fd, char *to, uint64_t at, size_t n,
                              struct err *e) ERR_CHECKED;

#endif
