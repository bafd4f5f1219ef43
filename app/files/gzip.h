/* Bytes packed as gzip does, and unpacked. Pure: no files. Any thread. */
#ifndef TINSEQ_APP_GZIP_H
#define TINSEQ_APP_GZIP_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* True when they begin as packed bytes do. */
bool gzip_is(const char *data, size_t n);
/* Bytes that are packed as they come, given to `put`. ERR_NOMEM. */
struct gzip_stream;
enum err_code gzip_stream_open(struct gzip_stream **out,
                               void (*put)(void *user, const char *data, size_t n), void *user,
                               struct err *e) ERR_CHECKED;
void gzip_stream_add(struct gzip_stream *s, const char *data, size_t n);
void gzip_stream_end(struct gzip_stream *s); /* no more come. NULL is legal, here and below */
void gzip_stream_drop(struct gzip_stream *s);

/* Unpacks to *out [*n_out], owned by the caller, up to `most` bytes. Errors: FORMAT (damaged, cut
 * short, more than that), NOMEM. */
enum err_code gzip_unpack(char **out, size_t *n_out, const char *data, size_t n, size_t most,
                          struct err *e) ERR_CHECKED;

#endif
