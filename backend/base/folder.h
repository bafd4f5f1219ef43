/*
 * What is in a folder, to choose from: names, kinds, sizes and dates. Untrusted. Any thread.
 */
#ifndef TINSEQ_BACKEND_BASE_FOLDER_H
#define TINSEQ_BACKEND_BASE_FOLDER_H

#include "backend/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct folder_entry {
    char *name;        /* any bytes */
    bool folder, file; /* by what a link leads to; a device is neither, nor a link to nothing */
    int64_t size, modified; /* bytes; seconds since 1970 */
};

struct folder {
    struct folder_entry *items; /* by name */
    size_t n;
    bool more; /* than were asked for */
};

/* Without "." and "..", at most `most` entries. Errors: IO. */
enum err_code folder_read(struct folder *out, const char *path, size_t most,
                          struct err *e) ERR_CHECKED;
void folder_dispose(struct folder *f);

#endif
