#include "app/files/export_file.h"

#include "app/files/gzip.h"
#include "app/files/result_file.h"
#include "backend/base/file_write.h"
#include "backend/base/text.h"
#include "methods/declare/declare.h"
#include "methods/result/join.h"
#include "views/export/exports.h"

#include <stdlib.h>
#include <string.h>

struct export_file {
    struct text_drain drain; /* the first member: what is drained finds the rest by it */
    struct text_buffer text;
    struct file_writer *file;
    struct gzip_stream *packed; /* NULL: not packed */
    struct export_rows rows;
};

static void put_packed(void *user, const char *data, size_t n) {
    file_writer_add(user, data, n);
}

static void take(struct text_drain *d, const char *text, size_t n) {
    struct export_file *f = (struct export_file *)d;
    if (f->packed)
        gzip_stream_add(f->packed, text, n);
    else
        file_writer_add(f->file, text, n);
}

static enum err_code open_file(struct export_file **out, const char *path, bool named, bool packed,
                               struct err *e) {
    struct export_file *f = mem_alloc(sizeof *f);
    *out = NULL;
    f->drain.take = take;
    f->text.drain = &f->drain;
    enum err_code code = file_writer_open(&f->file, path, named, e);
    if (!code && (packed || text_ends_with(path, ".gz")))
        code = gzip_stream_open(&f->packed, put_packed, f->file, e);
    if (code)
        export_file_drop(f);
    else
        *out = f;
    return code;
}

void export_file_drop(struct export_file *f) {
    if (!f)
        return;
    gzip_stream_drop(f->packed);
    file_writer_drop(f->file);
    text_buffer_dispose(&f->text);
    free(f->rows.above);
    free(f);
}

/* All of it is on the disk, not yet under its name. */
static enum err_code end(struct export_file *f, struct err *e) {
    if (f->text.n)
        take(&f->drain, f->text.text, f->text.n);
    f->text.n = 0;
    gzip_stream_end(f->packed);
    return file_writer_end(f->file, e);
}

static enum err_code commit_take(struct export_file *f, struct err *e) {
    enum err_code code = file_writer_commit_take(f->file, e);
    f->file = NULL;
    export_file_drop(f);
    return code;
}

enum err_code export_file_open(struct export_file **out, const char *path, bool compress,
                               struct err *e) {
    return open_file(out, path, true, compress, e);
}

enum err_code export_file_add(struct export_file *f, const struct export *format,
                              const struct export_input *in, struct err *e) {
    return format->write_row(&f->text, &f->rows, in, e);
}

struct text_buffer *export_file_text(struct export_file *f) {
    return &f->text;
}

enum err_code export_file_close_take(struct export_file *f, struct err *e) {
    enum err_code code = end(f, e);
    if (!code)
        return commit_take(f, e);
    export_file_drop(f);
    return code;
}

/* Ended, but without its name. */
static enum err_code write_ended(struct export_file **out, const char *path, bool named,
                                 const struct export *format, const struct export_input *in,
                                 struct err *e) {
    struct export_file *f;
    *out = NULL;
    enum err_code code = open_file(&f, path, named, in->how.compress, e);
    if (code)
        return code;
    struct export_input dressed = *in;
    if (export_theme_of_path(path, format))
        dressed.theme = export_theme_of_path(path, format);
    code = format->write(&f->text, &dressed, e);
    if (!code)
        code = end(f, e);
    if (code)
        export_file_drop(f);
    else
        *out = f;
    return code;
}

static enum err_code write_one(const char *path, bool named, const struct export *format,
                               const struct export_input *in, struct err *e) {
    struct export_file *f;
    enum err_code code = write_ended(&f, path, named, format, in, e);
    return code ? code : commit_take(f, e);
}

enum err_code export_file_write(const char *path, const struct export *format,
                                const struct export_input *in, struct err *e) {
    return write_one(path, true, format, in, e);
}

const char *export_file_function(const struct result_info *info) {
    const struct method_decl *m = info->method ? method_decl_find(info->method) : NULL;
    return m && !m->needs_attributed_fn ? NULL : info->function.id;
}

enum err_code result_file_save(const char *path, const struct attribution *a, struct err *e) {
    const struct export_input in = {.result = a};
    return write_one(path, false, export_find("json"), &in, e);
}

/* --- a file for each sequence --- */

char *export_file_split_name(const char *path, size_t i, bool compress) {
    const char *slash = strrchr(path, '/'), *leaf = slash ? slash + 1 : path,
               *ending = strstr(leaf, ".json");
    const size_t n = ending ? (size_t)(ending - path) : strlen(path);
    const bool packed = compress || text_ends_with(path, ".gz");
    return mem_format("%.*s_%zu.json%s", (int)n, path, i, packed ? ".gz" : "");
}

/* The i-th sequence of the input. */
static enum err_code write_part(struct export_file **out, const char *path,
                                const struct export *format, const struct export_input *in,
                                size_t i, struct err *e) {
    char *name = export_file_split_name(path, i, in->how.compress);
    struct attribution result = attribution_part(in->result, i),
                       shown = attribution_part(in->shown, i);
    struct export_input part = *in;
    part.result = &result;
    part.shown = part.choices = &shown;
    enum err_code code = write_ended(out, name, true, format, &part, e);
    result_info_dispose(&result.info);
    result_info_dispose(&shown.info);
    free(name);
    return code;
}

enum err_code export_file_write_split(const char *path, const struct export *format,
                                      const struct export_input *in, struct err *e) {
    const size_t n = in->result->n_sequences;
    struct export_file **files = mem_alloc((n + 1) * sizeof *files);
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < n && !code; i++)
        code = write_part(&files[i], path, format, in, i, e);
    for (size_t i = 0; i < n; i++) {
        if (code)
            export_file_drop(files[i]);
        else
            code = commit_take(files[i], e);
    }
    free(files);
    return code;
}
