/* What messages say of files. Internal to backend/base. Any thread. */
#ifndef TINSEQ_BACKEND_BASE_FILE_ERROR_H
#define TINSEQ_BACKEND_BASE_FILE_ERROR_H

#include "backend/base/err.h"

/* The end of a path that is too long for a message, from a character's start. Borrowed from
 * `path`. */
const char *file_shown(const char *path);
/* ERR_IO: the path, and what an errno means. */
enum err_code file_fail(struct err *e, const char *path, int number);

#endif
