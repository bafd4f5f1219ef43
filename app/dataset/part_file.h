/* A file of one part of a data set (batch_mark.h), batch by batch, with its rows that failed beside
 * it. Untrusted. Internal to app/dataset. One thread at a time. */
#ifndef TINSEQ_APP_PART_FILE_H
#define TINSEQ_APP_PART_FILE_H

#include "app/dataset/batch_mark.h"
#include "backend/base/err.h"
#include "backend/base/mem.h"

#include <stdbool.h>

struct part_file;

/* Whether a file is of a part; one that cannot be read is none. */
bool part_file_is(const char *path);

enum err_code part_file_open(struct part_file **out, const char *path, struct err *e) ERR_CHECKED;
void part_file_close(struct part_file *f); /* NULL is legal */

/* The next mark; at the end, that of all. The rows between are appended to `rows`, those that
 * failed to `failed` (each NULL: passed over). Dispose of *out in any case. Errors: IO, FORMAT (cut
 * short, damaged, other rows than the mark says). */
enum err_code part_file_next(struct batch_mark *out, struct part_file *f, struct text_buffer *rows,
                             struct text_buffer *failed, struct err *e) ERR_CHECKED;

#endif
