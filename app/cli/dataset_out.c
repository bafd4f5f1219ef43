#include "app/cli/dataset_out.h"

#include "app/cli/keep.h"
#include "app/cli/output.h"
#include "app/cli/print.h"
#include "app/dataset/batch_log.h"
#include "app/dataset/rows_folder.h"
#include "app/files/rows_json.h"
#include "backend/base/file.h"
#include "backend/base/file_write.h"
#include "backend/base/json.h"
#include "backend/base/text.h"
#include "views/export/exports.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- where it goes --- */

/* Something that is there and no file, as a pipe or /dev/stdout: rows go straight into it. */
static bool is_device(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static bool is_json(const char *path) {
    return text_ends_with(path, ".json") || text_ends_with(path, ".json.gz");
}

/* A part of what becomes one JSON is rows, which `merge` makes it of. */
static char *part_name(const char *path) {
    const size_t n = strlen(path), n_gz = text_ends_with(path, ".gz") ? 3 : 0;
    return mem_format("%.*sl%s", (int)(n - n_gz), path, path + n - n_gz);
}

/* Which of the options says where; *path is owned by the caller, NULL: none. */
static enum err_code read_path(char **path, bool *folder, const struct cli_arguments *a,
                               struct err *e) {
    const char *file = cli_text(a, CLI_OPT_SAVE), *split = cli_text(a, CLI_OPT_SPLIT_OUTPUT);
    *path = NULL;
    *folder = split != NULL;
    if (file && split)
        return err_set(e, ERR_USAGE,
                       "-o names one file, --split_output a folder of files: give "
                       "one of them");
    if (file && !is_json(file) && !text_ends_with(file, ".jsonl") &&
        !text_ends_with(file, ".jsonl.gz") && !is_device(file))
        return err_set(e, ERR_USAGE,
                       "-o %.200s: a data set is saved as .jsonl, .jsonl.gz, .json "
                       "or .json.gz; 'tinseq convert' makes others of it",
                       file);
    if (split && file_is_there(split) && !file_is_folder(split))
        return err_set(e, ERR_USAGE, "--split_output %.200s: a file has that name", split);
    *path = mem_text(file ? file : split);
    return ERR_OK;
}

static enum err_code open_log(struct dataset_out *o, struct err *e) {
    char *part = shard_is_part(&o->task.shard) && is_json(o->path) ? part_name(o->path) : NULL;
    const struct batch_log_about about = {.output = part ? part : o->path,
                                          .folder = o->folder,
                                          .key = o->task.key,
                                          .shard = o->task.shard};
    enum err_code code = batch_log_open(&o->log, &about, e);
    free(part);
    if (code)
        return code;
    mem_replace(&o->path, mem_text(batch_log_output(o->log)));
    o->failed_path = mem_text(batch_log_failed_name(o->log));
    return ERR_OK;
}

enum err_code dataset_out_open(struct dataset_out *o, const struct cli_arguments *a,
                               const struct dataset_task *task, struct err *e) {
    static const enum cli_option_id files[] = {CLI_OPT_SAVE, CLI_OPT_VIZ, CLI_OPT_EXPORT};
    *o = (struct dataset_out){.a = a, .shown = *a, .task = *task};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        o->shown.values[files[i]] = (struct cli_value){0};
    o->prints = !cli_flag(a, CLI_OPT_QUIET) && !cli_flag(a, CLI_OPT_HIDE);
    o->prints |= cli_flag(a, CLI_OPT_JSON) || cli_text(a, CLI_OPT_WORD_ALIGNMENTS);
    o->prints = o->prints && !task->crew;
    enum err_code code = read_path(&o->path, &o->folder, a, e);
    if (code || !o->path)
        return code;
    o->raw = o->folder || is_json(o->path);
    o->mate = task->crew && !task->leads;
    if (o->mate)
        return ERR_OK;
    return is_device(o->path) ? file_writer_open(&o->device, o->path, true, e) : open_log(o, e);
}

void dataset_out_dispose(struct dataset_out *o) {
    batch_log_leave(o->log);
    file_writer_drop(o->device);
    info_texts_dispose(&o->told);
    text_buffer_dispose(&o->lines);
    text_buffer_dispose(&o->failed);
    free(o->rows.above);
    free(o->above);
    free(o->path);
    free(o->failed_path);
    *o = (struct dataset_out){0};
}

/* --- which batches --- */

void dataset_out_rows(int64_t *from, int64_t *to, const struct dataset_out *o, int64_t batch) {
    const int64_t end = o->task.from + (batch + 1) * DATASET_BATCH;
    *from = o->task.from + batch * DATASET_BATCH;
    *to = end < o->task.to ? end : o->task.to;
}

static int64_t n_batches(const struct dataset_out *o) {
    return (o->task.to - o->task.from + DATASET_BATCH - 1) / DATASET_BATCH;
}

int64_t dataset_out_next(struct dataset_out *o) {
    for (; o->next < n_batches(o); o->next++)
        if (shard_has(&o->task.shard, o->next) && !dataset_out_has(o, o->next))
            return o->next++;
    return -1;
}

bool dataset_out_has(const struct dataset_out *o, int64_t number) {
    return o->log && batch_log_has(o->log, number);
}

int64_t dataset_out_count(const struct dataset_out *o) {
    int64_t n = 0, from, to;
    for (size_t i = 0; shard_batch(&o->task.shard, i) < n_batches(o); i++) {
        dataset_out_rows(&from, &to, o, shard_batch(&o->task.shard, i));
        n += to - from;
    }
    return n;
}

int64_t dataset_out_done(const struct dataset_out *o) {
    return o->log ? batch_log_rows(o->log) : 0;
}

static void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void note(const char *format, ...) {
    char text[600];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    cli_note(text);
}

void dataset_out_tell_begin(const struct dataset_out *o) {
    const struct shard *s = &o->task.shard;
    const int64_t n = dataset_out_count(o), done = dataset_out_done(o);
    if (shard_is_part(s))
        note("part %lld/%lld (%s): %lld of %lld rows%s%.300s", (long long)s->k, (long long)s->n,
             s->from, (long long)n, (long long)(o->task.to - o->task.from), o->path ? ", to " : "",
             o->path ? o->path : "");
    else if (s->from[0])
        note("all rows (%s)", s->from);
    if (done)
        note("%lld of %lld rows were there, in %.300s", (long long)done, (long long)n,
             batch_log_folder(o->log));
}

enum err_code dataset_out_tell_failed(const struct dataset_out *o, struct err *e) {
    if (!o->n_failed)
        return ERR_OK;
    (void)err_set(e, ERR_FORMAT, "%lld of %lld rows failed%s%.200s", (long long)o->n_failed,
                  (long long)(o->task.to - o->task.from), o->failed_path ? ", and are in " : "",
                  o->failed_path ? o->failed_path : "");
    if (!shard_is_launched(&o->task.shard))
        return e->code;
    cli_say(e->message);
    return ERR_OK;
}

void dataset_out_tell_kept(const struct dataset_out *o) {
    if (o->log)
        note("%lld of %lld rows are kept in %.300s: the same command goes on",
             (long long)dataset_out_done(o), (long long)dataset_out_count(o),
             batch_log_folder(o->log));
}

/* --- rows --- */

static enum err_code add_line(struct dataset_out *o, const struct attribution *one, struct err *e) {
    struct cli_output made;
    enum err_code code = cli_output_make(&made, one, o->a, e);
    if (code)
        return code;
    made.in.how.raw |= o->raw;
    made.in.how.compress = false;
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
    dataset_out_say(o, true, line);
    free(line);
    json_put_string(&b, "file", f->file);
    text_buffer_format(&b, "\"line\":%lld,\"row\":%lld,", (long long)f->line, (long long)f->row);
    json_put_string(&b, "reason", f->reason);
    if (f->fields)
        json_put_value(&b, "fields", f->fields);
    char *json = json_take_object(&b);
    text_buffer_format(&o->failed, "%s\n", json);
    free(json);
    if (o->n_failed_rows < DATASET_BATCH)
        o->failed_rows[o->n_failed_rows++] = f->row;
    o->n_failed++;
}

struct batch dataset_out_batch(const struct dataset_out *o, int64_t number) {
    struct batch b = {.number = number,
                      .failed_rows = o->failed_rows,
                      .n_failed = (int64_t)o->n_failed_rows,
                      .rows = o->lines.text,
                      .n_rows_bytes = o->lines.n,
                      .failed = o->failed.text,
                      .n_failed_bytes = o->failed.n};
    int64_t to;
    dataset_out_rows(&b.first_row, &to, o, number);
    b.n_rows = to - b.first_row;
    return b;
}

void dataset_out_forget(struct dataset_out *o) {
    o->lines.n = o->failed.n = 0;
    o->n_failed_rows = 0;
    mem_replace(&o->rows.above, NULL); /* a batch stands alone */
}

enum err_code dataset_out_keep(struct dataset_out *o, const struct batch *b, struct err *e) {
    if (o->device && b->n_rows_bytes)
        file_writer_add(o->device, b->rows, b->n_rows_bytes);
    return o->log ? batch_log_add(o->log, b, e) : ERR_OK;
}

/* --- what is said --- */

void dataset_out_say(struct dataset_out *o, bool error, const char *text) {
    if (o->says) {
        text_buffer_puts(o->says, error ? "!" : "-");
        text_buffer_add(o->says, text, strlen(text) + 1);
    } else if (error) {
        cli_say(text);
    } else {
        cli_note(text);
    }
}

/* --- the end --- */

static enum err_code finish_device(struct dataset_out *o, struct err *e) {
    enum err_code code = file_writer_end(o->device, e);
    if (code)
        return code;
    struct file_writer *device = o->device;
    o->device = NULL;
    return file_writer_commit_take(device, e);
}

/* A file of rows, of which none is there where all failed. */
static enum err_code check_any(const struct dataset_out *o, struct err *e) {
    if (o->n_written)
        return ERR_OK;
    return err_set(e, ERR_FORMAT, "all %lld rows failed (%.200s): there is nothing to save",
                   (long long)o->n_failed, o->failed_path);
}

static enum err_code write_json(void *user, const char *output, const char *rows, struct err *e) {
    const struct dataset_out *o = user;
    const struct export_how how = cli_keep_how(o->a);
    enum err_code code = check_any(o, e);
    return code ? code : rows_json_write(output, rows, &how, e);
}

static enum err_code write_folder(void *user, const char *output, const char *rows, struct err *e) {
    const struct dataset_out *o = user;
    const struct export_how how = cli_keep_how(o->a);
    enum err_code code = check_any(o, e);
    return code ? code : rows_folder_write(output, rows, &how, e);
}

static batch_log_write *how_to_write(const struct dataset_out *o) {
    if (o->folder)
        return write_folder;
    return is_json(o->path) ? write_json : NULL;
}

enum err_code dataset_out_finish(struct dataset_out *o, struct err *e) {
    if (o->device)
        return finish_device(o, e);
    if (!o->log)
        return ERR_OK;
    struct batch_log *log = o->log;
    o->n_failed = batch_log_failed(log);
    o->n_written = batch_log_rows(log) - o->n_failed;
    o->log = NULL;
    return batch_log_finish_take(log, n_batches(o), o->task.to - o->task.from, how_to_write(o), o,
                                 e);
}
