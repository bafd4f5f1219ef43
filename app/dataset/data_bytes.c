#include "app/dataset/data_bytes.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define PIECE (64 << 10)
#define MARK "\xEF\xBB\xBF"

struct data_bytes {
    gzFile file; /* reads plain files as they are */
    char *path;
    int64_t line;
    int failed; /* errno, or −1: the packing is damaged; 0: nothing */
    bool ended, after_return;
    size_t at, n;
    unsigned char piece[PIECE];
};

static void fill(struct data_bytes *b) {
    if (b->ended)
        return;
    int status;
    errno = 0;
    const int n = gzread(b->file, b->piece, PIECE);
    b->at = 0;
    b->n = n > 0 ? (size_t)n : 0;
    b->ended = n <= 0;
    (void)gzerror(b->file, &status);
    if (status == Z_ERRNO)
        b->failed = errno ? errno : EIO;
    else if (status != Z_OK && status != Z_STREAM_END)
        b->failed = -1;
}

int data_bytes_peek(struct data_bytes *b) {
    if (b->at == b->n)
        fill(b);
    return b->at < b->n ? b->piece[b->at] : -1;
}

int data_bytes_take(struct data_bytes *b) {
    const int c = data_bytes_peek(b);
    if (c < 0)
        return c;
    b->at++;
    b->line += c == '\r' || (c == '\n' && !b->after_return);
    b->after_return = c == '\r';
    return c;
}

int64_t data_bytes_line(const struct data_bytes *b) {
    return b->line;
}

enum err_code data_bytes_ended(const struct data_bytes *b, struct err *e) {
    if (b->failed > 0)
        return err_set(e, ERR_IO, "%.200s: %s", b->path, strerror(b->failed));
    if (b->failed)
        return err_set(e, ERR_FORMAT,
                       "%.200s: what gzip packed is damaged or cut short, in line %lld", b->path,
                       (long long)b->line);
    return ERR_OK;
}

/* Passes over a byte order mark; one of UTF-16 is refused. */
static enum err_code read_mark(struct data_bytes *b, struct err *e) {
    fill(b);
    if (b->n >= 3 && memcmp(b->piece, MARK, 3) == 0)
        b->at = 3;
    if (b->n >= 2 && (memcmp(b->piece, "\xFF\xFE", 2) == 0 || memcmp(b->piece, "\xFE\xFF", 2) == 0))
        return err_set(e, ERR_FORMAT,
                       "%.200s is UTF-16; iconv -f UTF-16 -t UTF-8 makes UTF-8 of it", b->path);
    return data_bytes_ended(b, e);
}

enum err_code data_bytes_open(struct data_bytes **out, const char *path, struct err *e) {
    int fd;
    *out = NULL;
    enum err_code code = file_open(&fd, path, e);
    if (code)
        return code;
    gzFile file = gzdopen(fd, "rb");
    if (!file) {
        close(fd);
        return err_set(e, ERR_NOMEM, "no memory to read %.200s", path);
    }
    struct data_bytes *b = mem_alloc(sizeof *b);
    b->file = file;
    b->path = mem_text(path);
    b->line = 1;
    code = read_mark(b, e);
    if (code)
        data_bytes_close(b);
    else
        *out = b;
    return code;
}

void data_bytes_close(struct data_bytes *b) {
    if (!b)
        return;
    (void)gzclose(b->file);
    free(b->path);
    free(b);
}
