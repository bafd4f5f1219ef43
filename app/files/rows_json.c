#include "app/files/rows_json.h"

#include "app/files/export_file.h"
#include "app/files/result_rows.h"
#include "app/files/rows_lists.h"
#include "methods/result/join.h"
#include "views/export/result_json.h"

/* Of a sequence whose candidates alone are needed. */
static void drop_scores(struct attribution_sequence *s) {
    struct attribution_sequence left = {.attr_pos_start = s->attr_pos_start,
                                        .attr_pos_end = s->attr_pos_end,
                                        .candidates = s->candidates};
    s->candidates = NULL;
    attribution_sequence_dispose(s);
    *s = left;
}

/* What is said of all of them, and in `lists` what is said of each. */
static enum err_code read_infos(struct result_join *all, struct rows_lists *lists,
                                struct result_rows *rows, struct err *e) {
    enum err_code code = ERR_OK;
    for (size_t i = 0; i < result_rows_count(rows) && !code; i++) {
        struct attribution *one;
        code = result_rows_load(&one, rows, i, e);
        if (code)
            break;
        drop_scores(one->sequences);
        code = rows_lists_take(lists, one, e);
        if (code)
            attribution_release(one);
        else
            code = result_join_take(all, one, e);
    }
    return code ? code : rows_lists_end(lists, all->all, e);
}

static enum err_code write_sequences(struct export_file *f, struct result_rows *rows,
                                     const struct export_how *how, struct err *e) {
    const size_t n = result_rows_count(rows);
    for (size_t i = 0; i < n; i++) {
        struct attribution *one;
        enum err_code code = result_rows_load(&one, rows, i, e);
        if (code)
            return code;
        result_json_sequence(export_file_text(f), one->sequences, i + 1 == n, how);
        text_buffer_drain(export_file_text(f));
        attribution_release(one);
    }
    return ERR_OK;
}

static enum err_code write_all(const char *path, struct result_rows *rows,
                               const struct attribution *all, struct rows_lists *lists,
                               const struct export_how *how, struct err *e) {
    const struct result_json_fill fill = rows_lists_fill(lists);
    struct export_file *f;
    enum err_code code = export_file_open(&f, path, how->compress, e);
    if (code)
        return code;
    result_json_begin(export_file_text(f), all, how, &fill);
    code = rows_lists_check(lists, e);
    if (!code)
        code = write_sequences(f, rows, how, e);
    if (code) {
        export_file_drop(f);
        return code;
    }
    result_json_end(export_file_text(f), all, how);
    return export_file_close_take(f, e);
}

enum err_code rows_json_write(const char *path, const char *rows, const struct export_how *how,
                              struct err *e) {
    struct result_join all = {0};
    struct result_rows *r;
    enum err_code code = result_rows_open(&r, rows, e);
    if (code)
        return code;
    struct rows_lists *lists = rows_lists_new(rows, how->primitives);
    code = read_infos(&all, lists, r, e);
    if (code)
        goto out;
    code = write_all(path, r, all.all, lists, how, e);
out:
    rows_lists_free(lists);
    result_join_dispose(&all);
    result_rows_close(r);
    return code;
}
