#include "app/cli/files.h"

#include "app/files/export_file.h"
#include "backend/base/file.h"
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

static enum err_code format_of(const struct export **out, const struct file *f, struct err *e) {
    if (!f->format)
        return export_of_path(out, f->path, e);
    *out = export_find(f->format);
    return ERR_OK;
}

/* Better now than after a minute of computing: a file in a folder that is not there. */
static enum err_code check_path(const char *path, struct err *e) {
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
static enum err_code check_file(const struct file *f, struct err *e) {
    const struct export *format;
    enum err_code code = check_path(f->path, e);
    if (code)
        return code;
    code = format_of(&format, f, e);
    if (code || !format->ready)
        return code;
    return format->ready(e);
}

enum err_code cli_files_check(const struct cli_arguments *a, struct err *e) {
    enum err_code code = ERR_OK;
    for (struct file f = {0}; !code && next_file(&f, a);)
        code = check_file(&f, e);
    return code;
}

void cli_keep_error(enum err_code *first, struct err *e, enum err_code code,
                    const struct err *latest) {
    if (code && !*first) {
        *first = code;
        *e = *latest;
    }
}

enum err_code cli_files_write(const struct cli_arguments *a, const struct export_input *in,
                              struct err *e) {
    const struct export *format;
    enum err_code first = ERR_OK;
    for (struct file f = {0}; next_file(&f, a);) {
        struct err latest = {0};
        enum err_code code = format_of(&format, &f, &latest);
        if (!code)
            code = export_file_write(f.path, format, in, &latest);
        cli_keep_error(&first, e, code, &latest);
    }
    return first;
}

void cli_files_tell(const struct cli_arguments *a, bool aggregated) {
    const struct export *format;
    struct err ignored;
    for (struct file f = {0}; next_file(&f, a);)
        if (format_of(&format, &f, &ignored) == ERR_OK)
            fprintf(stderr, "tinseq: saved %s%s to %s\n",
                    aggregated && format->keeps_result ? "aggregated " : "", format->noun, f.path);
}

bool cli_files_coloured(const struct cli_arguments *a) {
    const struct export *format;
    struct err ignored;
    for (struct file f = {0}; next_file(&f, a);)
        if (format_of(&format, &f, &ignored) == ERR_OK && format->coloured)
            return true;
    return false;
}
