/* The lines of a file, packed by gzip or not, one after the other. Untrusted. One thread at a
 * time. */
#ifndef TINSEQ_APP_LINE_READER_H
#define TINSEQ_APP_LINE_READER_H

#include "backend/base/err.h"

#include <stddef.h>

struct line_reader;

enum err_code line_reader_open(struct line_reader **out, const char *path,
                               struct err *e) ERR_CHECKED;
void line_reader_close(struct line_reader *r); /* NULL is legal */

/* The next line with its end, borrowed until the one after it; *n 0: there is none. Errors: IO
 * (also packed bytes that are damaged or cut short), FORMAT (a line of more than 4 GB), NOMEM. */
enum err_code line_reader_next(const char **line, size_t *n, struct line_reader *r,
                               struct err *e) ERR_CHECKED;

#endif
