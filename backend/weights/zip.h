/*
 * The entries of a zip archive that lies in memory, ZIP64 too: names and bytes, no unpacking. Every
 * number in it is checked against the file. Any thread. Source: PKWARE's APPNOTE 6.3.10.
 */
#ifndef TINSEQ_BACKEND_WEIGHTS_ZIP_H
#define TINSEQ_BACKEND_WEIGHTS_ZIP_H

#include "backend/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct zip_entry {
    const char *name; /* [n_name], borrowed from the bytes */
    size_t n_name;
    const unsigned char *data; /* [n], as it lies there */
    size_t n;
    int method; /* 0: stored as it is */
};

struct zip {
    struct zip_entry *entries; /* sorted by name */
    size_t n;
};

/* FORMAT with what is damaged; `file` is for messages. The bytes must outlive it. */
enum err_code zip_open(struct zip *out, const unsigned char *data, size_t n, const char *file,
                       struct err *e) ERR_CHECKED;
void zip_close(struct zip *z);

/* NULL: there is none. */
const struct zip_entry *zip_find(const struct zip *z, const char *name);
/* The first whose name ends so. */
const struct zip_entry *zip_find_end(const struct zip *z, const char *end);

#endif
