#include "app/files/export_file.h"

#include "app/files/result_file.h"
#include "backend/base/file.h"
#include "backend/base/text.h"
#include "views/export/exports.h"

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

/* *out [*n_out] is owned by the caller. */
static enum err_code compress_gzip(char **out, size_t *n_out, const char *data, size_t n,
                                   struct err *e) {
    z_stream z = {0};
    if (n > UINT32_MAX ||
        deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
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

enum err_code export_file_write(const char *path, const struct export *format,
                                const struct export_input *in, struct err *e) {
    struct text_buffer b = {0};
    char *packed = NULL;
    size_t n = 0;
    enum err_code code = format->write(&b, in, e);
    if (code)
        goto out;
    if (!text_ends_with(path, ".gz")) {
        code = file_write(path, b.text, b.n, e);
        goto out;
    }
    code = compress_gzip(&packed, &n, b.text, b.n, e);
    if (code)
        goto out;
    code = file_write(path, packed, n, e);
out:
    free(packed);
    text_buffer_dispose(&b);
    return code;
}

enum err_code result_file_save(const char *path, const struct attribution *a, struct err *e) {
    const struct export_input in = {.result = a};
    return export_file_write(path, export_find("json"), &in, e);
}
