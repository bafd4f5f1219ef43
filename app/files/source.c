#include "app/files/source.h"

#include "app/files/gzip.h"
#include "app/files/gzip_index.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 20)
#define MOST_IN_MEMORY ((size_t)1 << 30) /* of what comes through a pipe */
#define AHEAD ((size_t)1 << 20)          /* unpacked at once: to begin costs as much */

typedef enum err_code (*give)(void *user, const char *data, size_t n, struct err *e);

struct source {
    char *path;
    int fd;                    /* −1: all is in `text` */
    struct gzip_index *packed; /* NULL: it is not packed */
    char *text;
    uint64_t size;
    char *ahead; /* what was unpacked last, [n_ahead] from `ahead_at`; NULL: nothing */
    uint64_t ahead_at;
    size_t n_ahead;
};

void source_close(struct source *s) {
    if (!s)
        return;
    if (s->fd >= 0)
        close(s->fd);
    gzip_index_free(s->packed);
    free(s->ahead);
    free(s->text);
    free(s->path);
    free(s);
}

uint64_t source_size(const struct source *s) {
    return s->size;
}

/* n bytes, fewer only at the end; −1 with errno. */
static ssize_t read_at(int fd, char *to, size_t n, uint64_t at) {
    size_t done = 0;
    while (done < n) {
        const ssize_t got = pread(fd, to + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static enum err_code fail(struct err *e) {
    return err_set(e, ERR_IO, "%s", strerror(errno));
}

static enum err_code give_plain(struct source *s, give each, void *user, struct err *e) {
    char *piece = mem_alloc(PIECE);
    enum err_code code = ERR_OK;
    for (ssize_t got = 1; got > 0 && !code;) {
        got = read_at(s->fd, piece, PIECE, s->size);
        if (got < 0)
            code = fail(e);
        else if (got > 0)
            code = each(user, piece, (size_t)got, e);
        s->size += got > 0 ? (uint64_t)got : 0;
    }
    free(piece);
    return code;
}

static enum err_code give_packed(struct source *s, give each, void *user, struct err *e) {
    enum err_code code = gzip_index_make(&s->packed, s->fd, each, user, e);
    if (!code)
        s->size = gzip_index_size(s->packed);
    return code;
}

static enum err_code open_regular(struct source *s, give each, void *user, struct err *e) {
    char start[2];
    const ssize_t n = read_at(s->fd, start, sizeof start, 0);
    if (n < 0)
        return fail(e);
    if (gzip_is(start, (size_t)n))
        return give_packed(s, each, user, e);
    return give_plain(s, each, user, e);
}

static enum err_code open_pipe(struct source *s, give each, void *user, struct err *e) {
    size_t n;
    enum err_code code = file_read_named(&s->text, &n, s->path, MOST_IN_MEMORY, e);
    if (code)
        return code;
    if (gzip_is(s->text, n)) {
        char *text;
        code = gzip_unpack(&text, &n, s->text, n, MOST_IN_MEMORY, e);
        if (code)
            return code;
        mem_replace(&s->text, text);
    }
    s->size = n;
    return each(user, s->text, n, e);
}

/* A pipe or a device, which is opened once. */
static bool is_pipe(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
}

/* The file's name before what was wrong with it, unless it is there. */
static enum err_code name_it(struct err *e, enum err_code code, const char *path) {
    const struct err inner = *e;
    if (strncmp(inner.message, path, strlen(path)) == 0)
        return code;
    return err_set(e, code, "%.200s: %s", path, inner.message);
}

enum err_code source_open(struct source **out, const char *path, give each, void *user,
                          struct err *e) {
    struct source *s = mem_alloc(sizeof *s);
    *out = NULL;
    s->path = mem_text(path);
    s->fd = -1;
    const bool pipe = is_pipe(path);
    enum err_code code = pipe ? open_pipe(s, each, user, e) : file_open(&s->fd, path, e);
    if (!code && !pipe)
        code = open_regular(s, each, user, e);
    if (code) {
        source_close(s);
        return name_it(e, code, path);
    }
    *out = s;
    return ERR_OK;
}

static enum err_code read_plain(char *to, const struct source *s, uint64_t at, size_t n,
                                struct err *e) {
    const ssize_t got = read_at(s->fd, to, n, at);
    if (got < 0)
        return fail(e);
    if ((size_t)got < n)
        return err_set(e, ERR_IO, "it has become shorter since it was opened");
    return ERR_OK;
}

/* Unpacks what begins at `at`. */
static enum err_code look_ahead(struct source *s, uint64_t at, struct err *e) {
    const uint64_t left = s->size - at;
    if (!s->ahead)
        s->ahead = mem_alloc(AHEAD);
    s->n_ahead = 0;
    const size_t n = left < AHEAD ? (size_t)left : AHEAD;
    enum err_code code = gzip_index_read(s->packed, s->fd, s->ahead, at, n, e);
    if (code)
        return code;
    s->ahead_at = at;
    s->n_ahead = n;
    return ERR_OK;
}

/* Rows that are read one after another are unpacked once. */
static enum err_code read_packed(char *to, struct source *s, uint64_t at, size_t n, struct err *e) {
    enum err_code code = ERR_OK;
    if (n > AHEAD)
        return gzip_index_read(s->packed, s->fd, to, at, n, e);
    if (at < s->ahead_at || at - s->ahead_at + n > s->n_ahead)
        code = look_ahead(s, at, e);
    if (!code)
        memcpy(to, s->ahead + (at - s->ahead_at), n);
    return code;
}

enum err_code source_read(char **out, struct source *s, uint64_t at, size_t n, struct err *e) {
    enum err_code code = ERR_OK;
    *out = NULL;
    if (at > s->size || n > s->size - at)
        return err_set(e, ERR_INTERNAL, "%.200s: no %zu bytes at %llu", s->path, n,
                       (unsigned long long)at);
    char *text = malloc(n + 1);
    if (!text)
        return err_set(e, ERR_NOMEM, "%.200s: no memory for %zu bytes", s->path, n);
    text[n] = '\0';
    if (s->fd < 0)
        memcpy(text, s->text + at, n);
    else if (s->packed)
        code = read_packed(text, s, at, n, e);
    else
        code = read_plain(text, s, at, n, e);
    if (code) {
        free(text);
        return name_it(e, code, s->path);
    }
    *out = text;
    return ERR_OK;
}
