#include "app/cli/dataset_out.h"

#include "app/cli/keep.h"
#include "app/cli/output.h"
#include "app/cli/print.h"
#include "backend/base/file.h"
#include "backend/base/file_write.h"
#include "backend/base/json.h"
#include "backend/base/text.h"
#include "views/export/exports.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "facts.failed.jsonl" of "facts.jsonl.gz"; owned by the caller. */
static char *failed_path(const char *path) {
    static const char *const endings[] = {".jsonl.gz", ".jsonl", ".json.gz", ".json"};
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (text_ends_with(path, endings[i])) {
            n -= strlen(endings[i]);
            break;
        }
    return mem_format("%.*s.failed.jsonl", (int)n, path);
}

enum err_code dataset_out_open(struct dataset_out *o, const struct cli_arguments *a,
                               struct err *e) {
    static const enum cli_option_id files[] = {CLI_OPT_SAVE, CLI_OPT_VIZ, CLI_OPT_EXPORT};
    *o = (struct dataset_out){.a = a, .shown = *a, .path = cli_text(a, CLI_OPT_SAVE)};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        o->shown.values[files[i]] = (struct cli_value){0};
    o->prints = !cli_flag(a, CLI_OPT_QUIET) && !cli_flag(a, CLI_OPT_HIDE);
    o->prints |= cli_flag(a, CLI_OPT_JSON) || cli_text(a, CLI_OPT_WORD_ALIGNMENTS);
    if (!o->path)
        return ERR_OK;
    o->failed_path = failed_path(o->path);
    return file_writer_open(&o->file, o->path, true, e);
}

void dataset_out_dispose(struct dataset_out *o) {
    file_writer_drop(o->file);
    info_texts_dispose(&o->told);
    text_buffer_dispose(&o->lines);
    text_buffer_dispose(&o->failed);
    text_buffer_dispose(&o->all_failed);
    free(o->rows.above);
    free(o->above);
    free(o->failed_path);
    *o = (struct dataset_out){0};
}

static enum err_code add_line(struct dataset_out *o, const struct attribution *one, struct err *e) {
    struct cli_output made;
    enum err_code code = cli_output_make(&made, one, o->a, e);
    if (code)
        return code;
    code = export_find("jsonl")->write_row(&o->lines, &o->rows, &made.in, e);
    cli_output_told(&o->told, &made);
    cli_output_dispose(&made);
    return code;
}

enum err_code dataset_out_add(struct dataset_out *o, struct attribution *one, struct err *e) {
    one->info.seconds = (struct info_seconds){0}; /* rows are the same on every run */
    enum err_code code = o->path ? add_line(o, one, e) : ERR_OK;
    if (!code && o->prints)
        code = cli_deliver_below(one, &o->above, &o->shown, e);
    o->n_written += !code;
    return code;
}

void dataset_out_fail(struct dataset_out *o, const struct dataset_failed *f) {
    struct text_buffer b = {0};
    char *line = mem_format("%s, line %lld: %s", f->file, (long long)f->line, f->reason);
    cli_say(line);
    free(line);
    json_put_string(&b, "file", f->file);
    text_buffer_format(&b, "\"line\":%lld,\"row\":%lld,", (long long)f->line, (long long)f->row);
    json_put_string(&b, "reason", f->reason);
    if (f->fields)
        json_put_value(&b, "fields", f->fields);
    char *json = json_take_object(&b);
    text_buffer_format(&o->failed, "%s\n", json);
    free(json);
    o->n_failed++;
}

enum err_code dataset_out_batch(struct dataset_out *o, struct err *e) {
    (void)e;
    if (o->file)
        file_writer_add(o->file, o->lines.text ? o->lines.text : "", o->lines.n);
    text_buffer_add(&o->all_failed, o->failed.text ? o->failed.text : "", o->failed.n);
    o->lines.n = o->failed.n = 0;
    mem_replace(&o->rows.above, NULL); /* a batch stands alone */
    return ERR_OK;
}

enum err_code dataset_out_finish(struct dataset_out *o, struct err *e) {
    if (!o->path)
        return ERR_OK;
    enum err_code code = file_writer_end(o->file, e);
    if (code)
        return code;
    code = file_writer_commit_take(o->file, e);
    o->file = NULL;
    if (code)
        return code;
    if (o->all_failed.n)
        return file_write_named(o->failed_path, o->all_failed.text, o->all_failed.n, e);
    (void)unlink(o->failed_path);
    return ERR_OK;
}
