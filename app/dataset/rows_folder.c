#include "app/dataset/rows_folder.h"

#include "app/dataset/batch_mark.h"
#include "app/dataset/line_reader.h"
#include "app/files/export_file.h"
#include "app/files/result_rows.h"
#include "backend/base/file.h"
#include "views/export/exports.h"

#include <stdlib.h>

/* A folder under way. */
struct folder_write {
    const char *folder;
    const struct export_how *how;
    struct result_rows *rows;
    size_t at; /* the next of them */
};

static enum err_code write_row(struct folder_write *w, int64_t number, struct err *e) {
    struct attribution *one;
    if (w->at >= result_rows_count(w->rows))
        return err_set(e, ERR_FORMAT, "row %lld is not there", (long long)number);
    enum err_code code = result_rows_load(&one, w->rows, w->at++, e);
    if (code)
        return code;
    const struct export_input in = {.result = one, .shown = one, .how = *w->how};
    char *leaf = mem_format("row-%06lld.json%s", (long long)number, w->how->compress ? ".gz" : ""),
         *path = file_join(w->folder, leaf);
    code = export_file_write(path, export_find("json"), &in, e);
    attribution_release(one);
    free(path);
    free(leaf);
    return code;
}

/* Its rows but those that failed. */
static enum err_code write_batch(struct folder_write *w, const struct batch_mark *m,
                                 struct err *e) {
    enum err_code code = ERR_OK;
    size_t failed = 0;
    for (int64_t i = m->first_row; i < m->first_row + m->n_rows && !code; i++) {
        if (failed < m->n_failed && m->failed[failed] == i)
            failed++;
        else
            code = write_row(w, i, e);
    }
    return code;
}

static enum err_code write_marked(struct folder_write *w, struct line_reader *lines,
                                  struct err *e) {
    for (;;) {
        const char *line;
        size_t n;
        struct batch_mark m;
        enum err_code code = line_reader_next(&line, &n, lines, e);
        if (code || !n)
            return code;
        if (!batch_mark_is(line, n))
            continue;
        code = batch_mark_read(&m, line, n, e);
        if (!code && !m.key)
            code = write_batch(w, &m, e);
        batch_mark_dispose(&m);
        if (code)
            return code;
    }
}

enum err_code rows_folder_write(const char *folder, const char *rows, const struct export_how *how,
                                struct err *e) {
    struct folder_write w = {.folder = folder, .how = how};
    struct line_reader *lines = NULL;
    enum err_code code = file_make_folders(folder, e);
    if (code)
        return code;
    code = result_rows_open(&w.rows, rows, e);
    if (code)
        return code;
    code = line_reader_open(&lines, rows, e);
    if (code)
        goto out;
    code = write_marked(&w, lines, e);
out:
    line_reader_close(lines);
    result_rows_close(w.rows);
    return code;
}
