#include "app/files/gzip_index.h"

#include "backend/base/mem.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define WINDOW 32768
#define PIECE (256 << 10)
#define BETWEEN (4 << 20) /* unpacked bytes between two points */
#define TRAILER 8         /* bytes behind a member's data */

/* Where unpacking can begin. */
struct point {
    uint64_t in, out; /* of the next byte that is read, and of the next one that comes out */
    int bits;         /* of the byte before `in` that are still to be used; −1: a member begins */
    unsigned char *window; /* [WINDOW]; NULL at a member's beginning */
};

struct gzip_index {
    struct point *points;
    size_t n;
    uint64_t size;
};

/* A walk through the packed bytes. */
struct walk {
    int fd;
    z_stream z;
    uint64_t in; /* of the next byte to be read into `packed` */
    bool raw;    /* the member's beginning was passed over, so its trailer is, too */
    unsigned char packed[PIECE], window[WINDOW];
};

void gzip_index_free(struct gzip_index *x) {
    for (size_t i = 0; x && i < x->n; i++)
        free(x->points[i].window);
    if (x)
        free(x->points);
    free(x);
}

uint64_t gzip_index_size(const struct gzip_index *x) {
    return x->size;
}

static enum err_code damaged(struct err *e) {
    return err_set(e, ERR_FORMAT, "the compressed data is damaged or cut short");
}

/* More packed bytes where none are left; avail_in stays 0 at the end. */
static enum err_code fill(struct walk *w, struct err *e) {
    ssize_t got = -1;
    if (w->z.avail_in)
        return ERR_OK;
    do
        got = pread(w->fd, w->packed, PIECE, (off_t)w->in);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_set(e, ERR_IO, "%s", strerror(errno));
    w->in += (uint64_t)got;
    w->z.next_in = w->packed;
    w->z.avail_in = (uInt)got;
    return ERR_OK;
}

/* Passes over bytes; fewer may be left. */
static enum err_code skip(struct walk *w, size_t n, struct err *e) {
    enum err_code code = ERR_OK;
    while (n > 0 && !(code = fill(w, e)) && w->z.avail_in) {
        const uInt some = w->z.avail_in < n ? w->z.avail_in : (uInt)n;
        w->z.next_in += some;
        w->z.avail_in -= some;
        n -= some;
    }
    if (!code && n > 0)
        code = damaged(e);
    return code;
}

/* A member has ended: *more, and another begins. Zeroes behind the last are padding. */
static enum err_code next_member(bool *more, struct walk *w, struct err *e) {
    *more = false;
    enum err_code code = w->raw ? skip(w, TRAILER, e) : ERR_OK;
    if (code)
        return code;
    w->raw = false;
    for (; !(code = fill(w, e)) && w->z.avail_in; w->z.next_in++, w->z.avail_in--)
        if (*w->z.next_in) {
            *more = true;
            break;
        }
    if (!code && *more && inflateReset2(&w->z, 15 + 16) != Z_OK)
        code = err_set(e, ERR_INTERNAL, "zlib cannot begin again");
    return code;
}

/* Unpacks into next_out until it is full, a block has ended where `flush` is Z_BLOCK, or nothing is
 * left: *end. */
static enum err_code step(bool *end, struct walk *w, int flush, struct err *e) {
    *end = false;
    enum err_code code = fill(w, e);
    if (code)
        return code;
    const uInt in = w->z.avail_in, out = w->z.avail_out;
    const int status = inflate(&w->z, flush);
    if (status == Z_MEM_ERROR)
        return err_set(e, ERR_NOMEM, "no memory to read a compressed file");
    if (status == Z_STREAM_END) {
        bool more;
        code = next_member(&more, w, e);
        *end = !more;
        return code;
    }
    const bool stuck = w->z.avail_in == in && w->z.avail_out == out && !(w->z.data_type & 128);
    if ((status != Z_OK && status != Z_BUF_ERROR) || stuck)
        return damaged(e);
    return ERR_OK;
}

/* --- making it --- */

static void add_point(struct gzip_index *x, const struct walk *w, uint64_t in, int bits) {
    if ((x->n & (x->n - 1)) == 0)
        x->points = mem_resize(x->points, (x->n ? x->n * 2 : 1) * sizeof *x->points);
    struct point *p = &x->points[x->n++];
    *p = (struct point){.in = in, .out = x->size, .bits = bits};
    if (bits < 0)
        return;
    /* The window is a ring whose oldest byte is where the next one goes. */
    const size_t left = w->z.avail_out;
    p->window = mem_alloc(WINDOW);
    memcpy(p->window, w->window + WINDOW - left, left);
    memcpy(p->window + left, w->window, WINDOW - left);
}

static uint64_t where(const struct walk *w) {
    return w->in - w->z.avail_in;
}

/* At a block's end, not too near to the point before. */
static void mark(struct gzip_index *x, const struct walk *w) {
    const bool boundary = (w->z.data_type & 128) && !(w->z.data_type & 64);
    if (boundary && x->size - x->points[x->n - 1].out >= BETWEEN)
        add_point(x, w, where(w), w->z.data_type & 7);
}

static enum err_code walk_all(struct gzip_index *x, struct walk *w,
                              enum err_code (*each)(void *user, const char *data, size_t n,
                                                    struct err *e),
                              void *user, struct err *e) {
    enum err_code code = ERR_OK;
    add_point(x, w, 0, -1);
    for (bool end = false; !end && !code;) {
        if (w->z.avail_out == 0) {
            w->z.next_out = w->window;
            w->z.avail_out = WINDOW;
        }
        const char *from = (const char *)w->z.next_out;
        code = step(&end, w, Z_BLOCK, e);
        const size_t n = (size_t)((const char *)w->z.next_out - from);
        x->size += n;
        if (code)
            return code;
        if (n)
            code = each(user, from, n, e);
        if (!end)
            mark(x, w);
    }
    return code;
}

static enum err_code open_walk(struct walk **out, int fd, int window_bits, struct err *e) {
    struct walk *w = mem_alloc(sizeof *w);
    *out = NULL;
    w->fd = fd;
    w->raw = window_bits < 0;
    if (inflateInit2(&w->z, window_bits) != Z_OK) {
        free(w);
        return err_set(e, ERR_NOMEM, "no memory to read a compressed file");
    }
    *out = w;
    return ERR_OK;
}

static void close_walk(struct walk *w) {
    inflateEnd(&w->z);
    free(w);
}

enum err_code gzip_index_make(struct gzip_index **out, int fd,
                              enum err_code (*each)(void *user, const char *data, size_t n,
                                                    struct err *e),
                              void *user, struct err *e) {
    struct walk *w;
    *out = NULL;
    enum err_code code = open_walk(&w, fd, 15 + 16, e);
    if (code)
        return code;
    struct gzip_index *x = mem_alloc(sizeof *x);
    code = walk_all(x, w, each, user, e);
    close_walk(w);
    if (code)
        gzip_index_free(x);
    else
        *out = x;
    return code;
}

/* --- reading --- */

/* The last point at or before `at`. */
static const struct point *point_before(const struct gzip_index *x, uint64_t at) {
    size_t low = 0, high = x->n;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (x->points[middle].out <= at)
            low = middle;
        else
            high = middle;
    }
    return &x->points[low];
}

/* Puts the decompressor into a point's state. */
static enum err_code resume(struct walk *w, const struct point *p, struct err *e) {
    w->in = p->in - (p->bits > 0);
    if (p->bits < 0)
        return ERR_OK;
    if (p->bits > 0) {
        enum err_code code = fill(w, e);
        if (code)
            return code;
        if (!w->z.avail_in)
            return damaged(e);
        const int byte = *w->z.next_in++;
        w->z.avail_in--;
        inflatePrime(&w->z, p->bits, byte >> (8 - p->bits));
    }
    inflateSetDictionary(&w->z, p->window, WINDOW);
    return ERR_OK;
}

/* Unpacks n bytes to `to`; NULL: nowhere. */
static enum err_code unpack(struct walk *w, char *to, uint64_t n, struct err *e) {
    enum err_code code = ERR_OK;
    for (bool end = false; n > 0 && !code;) {
        const uInt some = n < WINDOW ? (uInt)n : WINDOW;
        w->z.next_out = to ? (unsigned char *)to : w->window;
        w->z.avail_out = some;
        if (end)
            return damaged(e); /* it has changed since */
        code = step(&end, w, Z_NO_FLUSH, e);
        const uInt got = some - w->z.avail_out;
        n -= got;
        to = to ? to + got : NULL;
    }
    return code;
}

enum err_code gzip_index_read(const struct gzip_index *x, int fd, char *to, uint64_t at, size_t n,
                              struct err *e) {
    const struct point *p = point_before(x, at);
    struct walk *w;
    enum err_code code = open_walk(&w, fd, p->bits < 0 ? 15 + 16 : -15, e);
    if (code)
        return code;
    code = resume(w, p, e);
    if (code)
        goto out;
    code = unpack(w, NULL, at - p->out, e);
    if (code)
        goto out;
    code = unpack(w, to, n, e);
out:
    close_walk(w);
    return code;
}
