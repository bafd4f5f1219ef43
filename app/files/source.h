/*
 * A file's text read in any order, packed by gzip or not, of which only pieces are in memory. What
 * is no regular file (a pipe) is kept whole. Untrusted. One thread at a time.
 */
#ifndef TINSEQ_APP_SOURCE_H
#define TINSEQ_APP_SOURCE_H

#include "backend/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct source;

/* Opens it and gives all of the text to `each`, piece by piece. Errors: IO, FORMAT, NOMEM, and
 * those of `each`. */
enum err_code source_open(struct source **out, const char *path,
                          enum err_code (*each)(void *user, const char *data, size_t n,
                                                struct err *e),
                          void *user, struct err *e) ERR_CHECKED;
void source_close(struct source *s); /* NULL is legal */

uint64_t source_size(const struct source *s); /* bytes of text */
/* n bytes from `at`, and a NUL; owned by the caller. Errors: IO (also when it has become shorter),
 * FORMAT, NOMEM. */
enum err_code source_read(char **out, struct source *s, uint64_t at, size_t n,
                          struct err *e) ERR_CHECKED;

#endif
