/* Bytes packed as gzip does, and unpacked. Pure: no files. Any thread. */
#ifndef TINSEQ_APP_GZIP_H
#define TINSEQ_APP_GZIP_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* True when they begin as packed bytes do. */
bool gzip_is(const char *data, size_t n);
/* *out [*n_out] is owned by the caller. ERR_NOMEM. */
enum err_code gzip_pack(char **out, size_t *n_out, const char *data, size_t n,
                        struct err *e) ERR_CHECKED;
/* The same backwards, up to `most` bytes. Errors: FORMAT (damaged, cut short, more than that),
 * NOMEM. */
enum err_code gzip_unpack(char **out, size_t *n_out, const char *data, size_t n, size_t most,
                          struct err *e) ERR_CHECKED;

#endif
