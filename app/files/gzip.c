#include "app/files/gzip.h"

#include "backend/base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16) /* the largest window, and gzip's header rather than zlib's */
#define PIECE (64 << 10)
#define MOST_IN ((size_t)1 << 30) /* that zlib counts at a time */

bool gzip_is(const char *data, size_t n) {
    return n >= 2 && (unsigned char)data[0] == 0x1F && (unsigned char)data[1] == 0x8B;
}

struct gzip_stream {
    z_stream z;
    void (*put)(void *user, const char *data, size_t n);
    void *user;
    char packed[PIECE];
};

enum err_code gzip_stream_open(struct gzip_stream **out,
                               void (*put)(void *user, const char *data, size_t n), void *user,
                               struct err *e) {
    struct gzip_stream *s = mem_alloc(sizeof *s);
    *out = NULL;
    s->put = put;
    s->user = user;
    if (deflateInit2(&s->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        free(s);
        return err_set(e, ERR_NOMEM, "no memory to compress");
    }
    *out = s;
    return ERR_OK;
}

/* All that is in goes out; with Z_FINISH the end, too. */
static void run(struct gzip_stream *s, int flush) {
    do {
        s->z.next_out = (Bytef *)s->packed;
        s->z.avail_out = PIECE;
        (void)deflate(&s->z, flush); /* fails only where it is used wrongly */
        s->put(s->user, s->packed, PIECE - s->z.avail_out);
    } while (s->z.avail_out == 0);
}

void gzip_stream_add(struct gzip_stream *s, const char *data, size_t n) {
    while (n > 0) {
        const size_t some = n < MOST_IN ? n : MOST_IN;
        s->z.next_in = (Bytef *)data;
        s->z.avail_in = (uInt)some;
        run(s, Z_NO_FLUSH);
        data += some;
        n -= some;
    }
}

void gzip_stream_end(struct gzip_stream *s) {
    if (s)
        run(s, Z_FINISH);
}

void gzip_stream_drop(struct gzip_stream *s) {
    if (s)
        deflateEnd(&s->z);
    free(s);
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
