#include "app/dataset/spool.h"

#include "app/files/gzip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum err_code fail(const struct spool *s, int number, struct err *e) {
    return err_set(e, ERR_IO, "%.200s: %s", s->path, strerror(number));
}

enum err_code spool_read(char **out, const struct spool *s, int64_t at, int64_t n, struct err *e) {
    char *text = malloc((size_t)n + 1);
    int64_t have = 0;
    *out = NULL;
    if (!text)
        return err_set(e, ERR_NOMEM, "%.200s: no memory for %lld bytes", s->path, (long long)n);
    while (have < n) {
        const ssize_t some = pread(s->fd, text + have, (size_t)(n - have), (off_t)(at + have));
        if (some < 0 && errno == EINTR)
            continue;
        if (some <= 0) {
            free(text);
            return some < 0 ? fail(s, errno, e)
                            : err_set(e, ERR_IO, "%.200s has become shorter", s->path);
        }
        have += some;
    }
    text[n] = '\0';
    *out = text;
    return ERR_OK;
}

/* 0, or the errno of what went wrong. */
static int write_all(const struct spool *s, const char *data, size_t n) {
    for (size_t done = 0; done < n;) {
        const ssize_t put = pwrite(s->fd, data + done, n - done, (off_t)s->at + (off_t)done);
        if (put < 0 && errno != EINTR)
            return errno;
        if (put > 0)
            done += (size_t)put;
    }
    return 0;
}

enum err_code spool_add(struct spool *s, const char *data, size_t n, struct err *e) {
    if (!n)
        return ERR_OK;
    const int number = write_all(s, data, n);
    if (number) {
        (void)!ftruncate(s->fd, (off_t)s->at);
        return fail(s, number, e);
    }
    s->at += (int64_t)n;
    return ERR_OK;
}

enum err_code spool_sync(struct spool *s, struct err *e) {
    return fdatasync(s->fd) == 0 || errno == EINVAL ? ERR_OK : fail(s, errno, e);
}

void spool_close(struct spool *s) {
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

static void put(void *user, const char *data, size_t n) {
    text_buffer_add(user, data, n);
}

enum err_code spool_pack(struct text_buffer *out, const struct text_buffer *lines, bool packed,
                         struct err *e) {
    struct gzip_stream *s;
    if (!lines->n)
        return ERR_OK;
    if (!packed) {
        text_buffer_add(out, lines->text, lines->n);
        return ERR_OK;
    }
    enum err_code code = gzip_stream_open(&s, put, out, e);
    if (code)
        return code;
    gzip_stream_add(s, lines->text, lines->n);
    gzip_stream_end(s);
    gzip_stream_drop(s);
    return ERR_OK;
}
