#include "app/files/gzip.h"

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* the largest window, and gzip's header rather than zlib's */

bool gzip_is(const char *data, size_t n) {
    return n >= 2 && (unsigned char)data[0] == 0x1F && (unsigned char)data[1] == 0x8B;
}

enum err_code gzip_pack(char **out, size_t *n_out, const char *data, size_t n, struct err *e) {
    z_stream z = {0};
    if (n > UINT32_MAX || deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
                                       Z_DEFAULT_STRATEGY) != Z_OK)
        return err_set(e, ERR_NOMEM, "no memory to compress %zu bytes", n);
    uLong bound = deflateBound(&z, (uLong)n);
    *out = malloc(bound);
    enum err_code code = ERR_OK;
    if (!*out || bound > UINT32_MAX) {
        code = err_set(e, ERR_NOMEM, "no memory to compress %zu bytes", n);
        goto out;
    }
    z.next_in = (Bytef *)data;
    z.avail_in = (uInt)n;
    z.next_out = (Bytef *)*out;
    z.avail_out = (uInt)bound;
    if (deflate(&z, Z_FINISH) != Z_STREAM_END)
        code = err_set(e, ERR_INTERNAL, "zlib could not compress %zu bytes", n);
    *n_out = z.total_out;
out:
    deflateEnd(&z);
    if (code) {
        free(*out);
        *out = NULL;
    }
    return code;
}

/* What is unpacked so far. */
struct unpacked {
    char *text;
    size_t n, capacity, most;
};

/* Room for more, twice as much as before. */
static enum err_code grow(struct unpacked *u, struct err *e) {
    size_t capacity = u->text ? u->capacity * 2 : u->capacity;
    if (capacity > u->most)
        capacity = u->most;
    if (u->n >= capacity)
        return err_set(e, ERR_FORMAT, "more than %zu bytes when uncompressed", u->most);
    char *more = realloc(u->text, capacity);
    if (!more)
        return err_set(e, ERR_NOMEM, "no memory for %zu uncompressed bytes", capacity);
    u->text = more;
    u->capacity = capacity;
    return ERR_OK;
}

enum err_code gzip_unpack(char **out, size_t *n_out, const char *data, size_t n, size_t most,
                          struct err *e) {
    z_stream z = {.next_in = (Bytef *)data, .avail_in = (uInt)n};
    struct unpacked u = {.capacity = n * 4 + 4096, .most = most};
    enum err_code code = ERR_OK;
    int status = Z_OK;
    *out = NULL;
    if (inflateInit2(&z, GZIP_WINDOW) != Z_OK)
        return err_set(e, ERR_NOMEM, "no memory to read a compressed file");
    while (status == Z_OK) {
        code = grow(&u, e);
        if (code)
            goto out;
        z.next_out = (Bytef *)u.text + u.n;
        z.avail_out = (uInt)(u.capacity - u.n);
        status = inflate(&z, Z_NO_FLUSH);
        u.n = u.capacity - z.avail_out;
        if (status == Z_OK && z.avail_out > 0) /* no input is left, yet no end */
            status = Z_BUF_ERROR;
    }
    if (status != Z_STREAM_END) {
        code = err_set(e, ERR_FORMAT, "the compressed data is damaged or cut short");
        goto out;
    }
    *out = u.text;
    *n_out = u.n;
    u.text = NULL;
out:
    inflateEnd(&z);
    free(u.text);
    return code;
}
