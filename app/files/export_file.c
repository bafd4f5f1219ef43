#include "app/files/export_file.h"

#include "app/files/gzip.h"
#include "app/files/result_file.h"
#include "backend/base/file.h"
#include "backend/base/text.h"
#include "methods/declare/declare.h"
#include "views/export/exports.h"

#include <stdlib.h>

typedef enum err_code (*write_file)(const char *path, const char *data, size_t n, struct err *e);

static enum err_code write_by(write_file write, const char *path, const struct export *format,
                              const struct export_input *in, struct err *e) {
    struct text_buffer b = {0};
    char *packed = NULL;
    size_t n = 0;
    struct export_input named = *in;
    if (export_theme_of_path(path, format))
        named.theme = export_theme_of_path(path, format);
    enum err_code code = format->write(&b, &named, e);
    if (code)
        goto out;
    if (!text_ends_with(path, ".gz")) {
        code = write(path, b.text, b.n, e);
        goto out;
    }
    code = gzip_pack(&packed, &n, b.text, b.n, e);
    if (code)
        goto out;
    code = write(path, packed, n, e);
out:
    free(packed);
    text_buffer_dispose(&b);
    return code;
}

enum err_code export_file_write(const char *path, const struct export *format,
                                const struct export_input *in, struct err *e) {
    return write_by(file_write_named, path, format, in, e);
}

const char *export_file_function(const struct result_info *info) {
    const struct method_decl *m = info->method ? method_decl_find(info->method) : NULL;
    return m && !m->needs_attributed_fn ? NULL : info->function.id;
}

enum err_code result_file_save(const char *path, const struct attribution *a, struct err *e) {
    const struct export_input in = {.result = a};
    return write_by(file_write, path, export_find("json"), &in, e);
}
