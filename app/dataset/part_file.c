#include "app/dataset/part_file.h"

#include "app/dataset/batch_log.h"
#include "app/dataset/line_reader.h"
#include "backend/base/json.h"

#include <stdlib.h>
#include <string.h>

struct part_file {
    char *path, *failed_path;
    struct line_reader *lines, *failed; /* failed: opened when there is one */
    const char *line;                   /* read, but not taken; NULL: none */
    size_t n;
    char *above; /* the line that stands above the rows that come; NULL: none */
};

bool part_file_is(const char *path) {
    struct line_reader *lines;
    struct err ignored;
    const char *line;
    size_t n;
    if (line_reader_open(&lines, path, &ignored))
        return false;
    const bool is =
        line_reader_next(&line, &n, lines, &ignored) == ERR_OK && batch_mark_is(line, n);
    line_reader_close(lines);
    return is;
}

enum err_code part_file_open(struct part_file **out, const char *path, struct err *e) {
    struct part_file *f = mem_alloc(sizeof *f);
    *out = NULL;
    f->path = mem_text(path);
    f->failed_path = batch_log_failed_path(path);
    enum err_code code = line_reader_open(&f->lines, path, e);
    if (code)
        part_file_close(f);
    else
        *out = f;
    return code;
}

void part_file_close(struct part_file *f) {
    if (!f)
        return;
    line_reader_close(f->lines);
    line_reader_close(f->failed);
    free(f->above);
    free(f->failed_path);
    free(f->path);
    free(f);
}

/* With the file's name before what is wrong in it. */
static enum err_code damaged(const struct part_file *f, const char *what, struct err *e) {
    return err_set(e, ERR_FORMAT, "%.200s: %.200s", f->path, what);
}

/* The line that is next, which stays so until it is taken. */
static enum err_code peek(struct part_file *f, struct err *e) {
    if (f->line)
        return ERR_OK;
    enum err_code code = line_reader_next(&f->line, &f->n, f->lines, e);
    if (code)
        return code;
    if (!f->n || f->line[f->n - 1] != '\n')
        return damaged(f, "its end is missing: the command that makes it has not ended", e);
    return ERR_OK;
}

static bool is_above(const struct part_file *f) {
    static const char begin[] = "{\"format\":";
    return f->n >= sizeof begin - 1 && memcmp(f->line, begin, sizeof begin - 1) == 0;
}

/* The line that was peeked at. What stands above a batch's first row is put there, though it stands
 * above a batch before. */
static void take_line(struct part_file *f, int64_t *n, struct text_buffer *rows) {
    if (is_above(f))
        mem_replace(&f->above, mem_text_n(f->line, f->n));
    else if ((*n)++ == 0 && f->above && rows && !rows->n)
        text_buffer_puts(rows, f->above);
    if (rows)
        text_buffer_add(rows, f->line, f->n);
    f->line = NULL;
}

/* All lines up to the next mark. */
static enum err_code take_rows(struct part_file *f, const struct batch_mark *m,
                               struct text_buffer *rows, struct err *e) {
    const int64_t want = m->n_rows - (int64_t)m->n_failed;
    int64_t n = 0;
    for (;;) {
        enum err_code code = peek(f, e);
        if (code)
            return code;
        if (batch_mark_is(f->line, f->n))
            break;
        take_line(f, &n, rows);
    }
    if (n == want)
        return ERR_OK;
    return err_set(e, ERR_FORMAT, "%.200s: batch %lld has %lld rows of %lld", f->path,
                   (long long)m->number, (long long)n, (long long)want);
}

/* --- rows that failed --- */

static bool is_of_row(const char *line, size_t n, int64_t row) {
    struct json_document *d;
    struct err ignored;
    int64_t value;
    if (json_parse(&d, line, n, &ignored))
        return false;
    const bool is = json_integer(&value, json_get(json_root(d), "row")) && value == row;
    json_free(d);
    return is;
}

/* The next line of those that failed, which is of such a row. */
static enum err_code take_failed_row(struct part_file *f, int64_t row, struct text_buffer *failed,
                                     struct err *e) {
    const char *line;
    size_t n;
    enum err_code code = line_reader_next(&line, &n, f->failed, e);
    if (code)
        return code;
    if (!is_of_row(line, n, row))
        return err_set(e, ERR_FORMAT, "%.200s: row %lld, which failed, is not in it",
                       f->failed_path, (long long)row);
    text_buffer_add(failed, line, n);
    return ERR_OK;
}

static enum err_code take_failed(struct part_file *f, const struct batch_mark *m,
                                 struct text_buffer *failed, struct err *e) {
    enum err_code code = ERR_OK;
    if (m->n_failed && !f->failed)
        code = line_reader_open(&f->failed, f->failed_path, e);
    for (size_t i = 0; i < m->n_failed && !code; i++)
        code = take_failed_row(f, m->failed[i], failed, e);
    return code;
}

enum err_code part_file_next(struct batch_mark *out, struct part_file *f, struct text_buffer *rows,
                             struct text_buffer *failed, struct err *e) {
    struct err inner;
    *out = (struct batch_mark){0};
    enum err_code code = peek(f, e);
    if (code)
        return code;
    if (!batch_mark_is(f->line, f->n))
        return damaged(f, "rows of no batch are in it", e);
    if (batch_mark_read(out, f->line, f->n, &inner))
        return damaged(f, inner.message, e);
    f->line = NULL;
    if (out->key)
        return ERR_OK;
    code = take_rows(f, out, rows, e);
    if (code || !failed)
        return code;
    return take_failed(f, out, failed, e);
}
