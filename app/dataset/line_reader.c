#include "app/dataset/line_reader.h"

#include "backend/base/mem.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define PIECE (256 << 10) /* bytes that are read at once */
#define MOST_LINE ((size_t)4 << 30)

struct line_reader {
    gzFile file;
    char *path, *text;
    size_t n, capacity; /* of what was read */
    size_t at;          /* where the next line begins */
};

enum err_code line_reader_open(struct line_reader **out, const char *path, struct err *e) {
    struct line_reader *r = mem_alloc(sizeof *r);
    *out = r;
    r->path = mem_text(path);
    r->file = gzopen(path, "rbe");
    if (r->file)
        return ERR_OK;
    const int number = errno;
    line_reader_close(r);
    *out = NULL;
    return err_set(e, ERR_IO, "%.200s: %s", path, strerror(number));
}

void line_reader_close(struct line_reader *r) {
    if (!r)
        return;
    if (r->file)
        (void)gzclose(r->file);
    free(r->text);
    free(r->path);
    free(r);
}

/* What is left moves to the front, and there is room behind it. */
static enum err_code make_room(struct line_reader *r, struct err *e) {
    r->n -= r->at;
    if (r->at)
        memmove(r->text, r->text + r->at, r->n);
    r->at = 0;
    if (r->capacity - r->n >= PIECE)
        return ERR_OK;
    const size_t more = r->capacity ? r->capacity * 2 : 2 * PIECE;
    char *text = more <= MOST_LINE ? realloc(r->text, more) : NULL;
    if (!text)
        return err_set(e, ERR_NOMEM, "%.200s: a line of more than %zu bytes", r->path, r->n);
    r->text = text;
    r->capacity = more;
    return ERR_OK;
}

/* *end: there is no more. */
static enum err_code read_more(struct line_reader *r, bool *end, struct err *e) {
    enum err_code code = make_room(r, e);
    int status;
    if (code)
        return code;
    const int n = gzread(r->file, r->text + r->n, PIECE);
    const char *why = gzerror(r->file, &status);
    if (n < 0 || (n == 0 && status != Z_OK && status != Z_STREAM_END))
        return err_set(e, ERR_IO, "%.200s: %.200s", r->path,
                       status == Z_ERRNO ? strerror(errno) : why);
    r->n += (size_t)n;
    *end = n == 0;
    return ERR_OK;
}

enum err_code line_reader_next(const char **line, size_t *n, struct line_reader *r, struct err *e) {
    size_t seen = 0; /* of the line: without an end so far */
    bool end = false;
    const char *newline = NULL;
    while (!end) {
        const size_t left = r->n - r->at;
        newline = left > seen ? memchr(r->text + r->at + seen, '\n', left - seen) : NULL;
        if (newline)
            break;
        seen = left;
        enum err_code code = read_more(r, &end, e);
        if (code)
            return code;
    }
    *line = r->text + r->at;
    *n = newline ? (size_t)(newline - *line) + 1 : r->n - r->at;
    r->at += *n;
    return ERR_OK;
}
