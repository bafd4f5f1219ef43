#include "app/cli/files.h"

#include "app/cli/keep.h"
#include "app/cli/rescue.h"
#include "app/files/export_file.h"
#include "backend/base/file.h"
#include "backend/base/text.h"
#include "views/export/exports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct file_option {
    enum cli_option_id id;
    const char *format; /* NULL: the name's ending says it */
} file_options[] = {{CLI_OPT_SAVE, "json"}, {CLI_OPT_VIZ, "html"}, {CLI_OPT_EXPORT, NULL}};

/* A file to write; i_option and i_value say where the walk is. */
struct file {
    size_t i_option, i_value;
    const char *path, *format;
};

/* The next file of all options, from {0}; false: there is none. */
static bool next_file(struct file *f, const struct cli_arguments *a) {
    for (; f->i_option < sizeof file_options / sizeof *file_options; f->i_option++) {
        const struct file_option *o = &file_options[f->i_option];
        const struct cli_value *v = &a->values[o->id];
        if (f->i_value < v->n) {
            f->path = v->texts[f->i_value++];
            f->format = o->format;
            return true;
        }
        f->i_value = 0;
    }
    return false;
}

/* -o takes rows by their ending, else JSON whatever the name, as Inseq does. */
static bool is_rows(const char *path) {
    const struct export *rows = export_find("jsonl");
    for (size_t k = 0; k < EXPORT_MAX_ENDINGS && rows->endings[k]; k++)
        if (text_ends_with(path, rows->endings[k]))
            return true;
    return false;
}

static enum err_code format_of(const struct export **out, const struct file *f, struct err *e) {
    if (!f->format)
        return export_of_path(out, f->path, e);
    const bool rows = strcmp(f->format, "json") == 0 && is_rows(f->path);
    *out = export_find(rows ? "jsonl" : f->format);
    return ERR_OK;
}

enum err_code cli_file_check(const char *path, struct err *e) {
    if (*path == '\0')
        return err_set(e, ERR_USAGE, "a file name is empty");
    if (file_is_folder(path))
        return err_set(e, ERR_IO, "%s: is a folder", path);
    char *folder = file_folder(path);
    enum err_code code = ERR_OK;
    if (!file_is_folder(folder))
        code = err_set(e, ERR_IO, "%s: there is no folder %s", path, folder);
    free(folder);
    return code;
}

/* The name, its ending, and the library that its format needs. */
static enum err_code check_file(const struct export **format, const struct file *f, struct err *e) {
    enum err_code code = cli_file_check(f->path, e);
    if (code)
        return code;
    code = format_of(format, f, e);
    if (code || !(*format)->ready)
        return code;
    return (*format)->ready(e);
}

enum err_code cli_files_check(const struct cli_arguments *a, struct err *e) {
    const struct export *format;
    enum err_code code = ERR_OK;
    bool keeps = cli_flag(a, CLI_OPT_JSON), rows = false;
    for (struct file f = {0}; !code && next_file(&f, a);) {
        code = check_file(&format, &f, e);
        keeps |= !code && (format->keeps_result || format->write_row);
        rows |= !code && format->write_row;
    }
    return code ? code : cli_keep_check(a, keeps, rows, e);
}

void cli_keep_error(enum err_code *first, struct err *e, enum err_code code,
                    const struct err *latest) {
    if (code && !*first) {
        *first = code;
        *e = *latest;
    }
}

static bool is_split(const struct cli_arguments *a, const struct export *format) {
    return cli_flag(a, CLI_OPT_SPLIT) && strcmp(format->id, "json") == 0;
}

enum err_code cli_file_write(const struct cli_arguments *a, const char *path,
                             const struct export *format, const struct export_input *in,
                             struct err *e) {
    if (format->keeps_result)
        cli_keep_tell(in);
    return is_split(a, format) ? export_file_write_split(path, format, in, e)
                               : export_file_write(path, format, in, e);
}

/* Whether nothing else has it: it was computed, and the file would have kept it. */
static bool would_be_lost(const struct cli_arguments *a, const struct export *format) {
    return a->values[CLI_OPT_MODEL].given && (format->keeps_result || format->write_row);
}

enum err_code cli_files_write(const struct cli_arguments *a, const struct export_input *in,
                              struct err *e) {
    const struct export *format = NULL;
    enum err_code first = ERR_OK;
    bool lost = false;
    for (struct file f = {0}; next_file(&f, a);) {
        struct err latest = {0};
        enum err_code code = format_of(&format, &f, &latest);
        if (!code)
            code = cli_file_write(a, f.path, format, in, &latest);
        lost |= code && format && would_be_lost(a, format);
        cli_keep_error(&first, e, code, &latest);
    }
    if (lost)
        cli_rescue(in);
    return first;
}

/* "a_0.json to a_2.json" of three, or the path; owned by the caller. */
static char *names_written(const struct cli_arguments *a, const struct export *format,
                           const char *path, size_t n) {
    if (!is_split(a, format) || n == 0)
        return mem_text(path);
    const bool compress = cli_flag(a, CLI_OPT_COMPRESS);
    char *first = export_file_split_name(path, 0, compress),
         *last = export_file_split_name(path, n - 1, compress),
         *both = n == 1 ? mem_text(first) : mem_format("%s to %s", first, last);
    free(first);
    free(last);
    return both;
}

void cli_file_tell(const struct cli_arguments *a, const char *path, const struct export *format,
                   bool aggregated, size_t n) {
    char *names = names_written(a, format, path, n);
    fprintf(stderr, "tinseq: saved %s%s to %s\n",
            aggregated && format->keeps_result ? "aggregated " : "", format->noun, names);
    free(names);
}

void cli_files_tell(const struct cli_arguments *a, bool aggregated, size_t n) {
    const struct export *format;
    struct err ignored;
    for (struct file f = {0}; next_file(&f, a);)
        if (format_of(&format, &f, &ignored) == ERR_OK)
            cli_file_tell(a, f.path, format, aggregated, n);
}

bool cli_files_coloured(const struct cli_arguments *a) {
    const struct export *format;
    struct err ignored;
    for (struct file f = {0}; next_file(&f, a);)
        if (format_of(&format, &f, &ignored) == ERR_OK && format->coloured)
            return true;
    return false;
}
