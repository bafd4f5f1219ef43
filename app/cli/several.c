#include "app/cli/several.h"

#include "app/cli/files.h"
#include "app/cli/keep.h"
#include "app/cli/output.h"
#include "app/files/export_file.h"
#include "app/files/result_file.h"
#include "app/files/result_rows.h"
#include "methods/result/join.h"
#include "views/export/exports.h"
#include "views/export/rows.h"

#include <stdio.h>
#include <stdlib.h>

/* What is done with the files. */
struct task {
    const struct cli_arguments *a;
    const char *const *files;
    size_t n_files;
    const char *out;
    const struct export *format;
    size_t n; /* texts that were written */
    bool aggregated;
    struct info_texts told;
};

static enum err_code check(struct task *t, struct err *e) {
    enum err_code code = cli_check_shown(t->a, NULL, e);
    if (code)
        return code;
    code = cli_file_check(t->out, e);
    if (code)
        return code;
    code = export_of_path(&t->format, t->out, e);
    if (!code && t->format->ready)
        code = t->format->ready(e);
    if (code)
        return code;
    return cli_keep_check(t->a, t->format->keeps_result || t->format->write_row,
                          t->format->write_row != NULL, e);
}

/* --- row by row --- */

static enum err_code add_row(struct task *t, struct export_file *f, const struct attribution *one,
                             struct err *e) {
    struct cli_output o;
    enum err_code code = cli_output_make(&o, one, t->a, e);
    if (code)
        return code;
    code = export_file_add(f, t->format, &o.in, e);
    cli_output_told(&t->told, &o);
    t->aggregated = !o.in.how.raw;
    t->n++;
    cli_output_dispose(&o);
    return code;
}

static enum err_code add_rows(struct task *t, struct export_file *f, const char *path,
                              struct err *e) {
    struct result_rows *rows;
    enum err_code code = result_rows_open(&rows, path, e);
    if (code)
        return code;
    if (result_rows_have_steps(rows) && !info_texts_hold(&t->told, ROWS_WITHOUT_STEPS))
        info_texts_add(&t->told, ROWS_WITHOUT_STEPS);
    for (size_t i = 0; i < result_rows_count(rows) && !code; i++) {
        struct attribution *one;
        code = result_rows_load(&one, rows, i, e);
        if (!code)
            code = add_row(t, f, one, e);
        attribution_release(one);
    }
    result_rows_close(rows);
    return code;
}

static enum err_code write_rows(struct task *t, struct err *e) {
    struct export_file *f;
    enum err_code code = export_file_open(&f, t->out, cli_flag(t->a, CLI_OPT_COMPRESS), e);
    if (code)
        return code;
    for (size_t i = 0; i < t->n_files && !code; i++)
        code = add_rows(t, f, t->files[i], e);
    if (!code)
        return export_file_close_take(f, e);
    export_file_drop(f);
    return code;
}

/* --- as one result --- */

static enum err_code load_all(struct attribution **out, struct task *t, struct err *e) {
    struct result_join join = {0};
    enum err_code code = ERR_OK;
    *out = NULL;
    for (size_t i = 0; i < t->n_files && !code; i++) {
        struct attribution *one;
        struct err inner;
        code = result_file_load(&one, t->files[i], e);
        if (code)
            break;
        code = result_join_take(&join, one, &inner);
        if (code)
            (void)err_set(e, code, "%.200s: %s", t->files[i], inner.message);
    }
    if (!code) {
        *out = join.all;
        join.all = NULL;
    }
    result_join_dispose(&join);
    return code;
}

static enum err_code write_all(struct task *t, struct err *e) {
    struct attribution *all;
    struct cli_output o;
    enum err_code code = load_all(&all, t, e);
    if (code)
        return code;
    code = cli_output_make(&o, all, t->a, e);
    if (code)
        goto out;
    code = cli_file_write(t->a, t->out, t->format, &o.in, e);
    cli_output_told(&t->told, &o);
    t->n = all->n_sequences;
    t->aggregated = o.aggregated;
    cli_output_dispose(&o);
out:
    attribution_release(all);
    return code;
}

enum err_code cli_several(const struct cli_arguments *a, const char *const *files, size_t n,
                          const char *out, struct err *e) {
    struct task t = {.a = a, .files = files, .n_files = n, .out = out};
    enum err_code code = check(&t, e);
    if (code)
        goto out;
    code = t.format->write_row ? write_rows(&t, e) : write_all(&t, e);
    if (!code && !cli_flag(a, CLI_OPT_QUIET)) {
        cli_file_tell(a, out, t.format, t.aggregated, t.n);
        cli_output_tell(&t.told);
    }
out:
    info_texts_dispose(&t.told);
    return code;
}
