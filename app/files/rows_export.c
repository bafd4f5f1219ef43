#include "app/files/rows_export.h"

#include "app/files/export_file.h"

static enum err_code add_row(struct export_file *f, const struct export *format,
                             const struct attribution *one, struct err *e) {
    const struct export_input in = {.result = one, .shown = one, .how = {.raw = true}};
    return export_file_add(f, format, &in, e);
}

static enum err_code add_rows(size_t *n_damaged, struct export_file *f, struct result_rows *rows,
                              const uint32_t *items, size_t n, const struct export *format,
                              const struct rows_watch *watch, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < n && !code; i++) {
        struct attribution *one;
        struct err damage;
        if (!watch->goes_on(watch->user, i))
            return err_set(e, ERR_CANCELLED, "writing the rows was cancelled");
        if (result_rows_load(&one, rows, items[i], &damage) != ERR_OK) {
            ++*n_damaged;
            continue;
        }
        code = add_row(f, format, one, e);
        attribution_release(one);
    }
    return code;
}

enum err_code rows_export(size_t *n_damaged, struct result_rows *rows, const uint32_t *items,
                          size_t n, const char *path, const struct export *format,
                          const struct rows_watch *watch, struct err *e) {
    struct export_file *f;
    *n_damaged = 0;
    enum err_code code = export_file_open(&f, path, false, e);
    if (code)
        return code;
    code = add_rows(n_damaged, f, rows, items, n, format, watch, e);
    if (!code)
        return export_file_close_take(f, e);
    export_file_drop(f);
    return code;
}
