#include "app/cli/merge_parts.h"

#include "app/cli/files.h"
#include "app/cli/keep.h"
#include "app/cli/print.h"
#include "app/dataset/parts.h"
#include "app/files/rows_json.h"
#include "backend/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A pattern like facts.*-of-*.jsonl takes rows that failed along, which go with their part. */
static bool goes_with_another(const struct cli_arguments *a, size_t i) {
    bool goes = false;
    for (size_t k = 0; k < a->n_words && !goes && text_ends_with(a->words[i], ".failed.jsonl");
         k++) {
        char *failed = batch_log_failed_path(a->words[k]);
        goes = k != i && strcmp(failed, a->words[i]) == 0;
        free(failed);
    }
    return goes;
}

/* The parts' files; the array is owned by the caller. */
static const char **files_of(const struct cli_arguments *a, size_t *n) {
    const char **files = mem_alloc((a->n_words + 1) * sizeof *files);
    *n = 0;
    for (size_t i = 0; i < a->n_words; i++)
        if (!goes_with_another(a, i))
            files[(*n)++] = a->words[i];
    return files;
}

enum err_code cli_are_parts(bool *out, const struct cli_arguments *a, struct err *e) {
    size_t n;
    const char **files = files_of(a, &n);
    enum err_code code = parts_are(out, files, n, e);
    free(files);
    return code;
}

static bool is_json(const char *path) {
    return text_ends_with(path, ".json") || text_ends_with(path, ".json.gz");
}

/* Options that say how a file keeps what is there. */
static bool keeps(enum cli_option_id id) {
    static const enum cli_option_id ids[] = {CLI_OPT_SAVE,     CLI_OPT_QUIET,
                                             CLI_OPT_COMPRESS, CLI_OPT_PRIMITIVES,
                                             CLI_OPT_COMPACT,  CLI_OPT_PRECISION};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (ids[i] == id)
            return true;
    return false;
}

static enum err_code check(const struct cli_arguments *a, const char *out, struct err *e) {
    const bool json = is_json(out);
    if (!json && !text_ends_with(out, ".jsonl") && !text_ends_with(out, ".jsonl.gz"))
        return err_set(e, ERR_USAGE,
                       "parts of a data set are merged into .jsonl, .jsonl.gz, .json or .json.gz; "
                       "'tinseq convert' makes others of it");
    for (int i = 0; i < CLI_OPTION_COUNT; i++)
        if (a->values[i].given && !keeps((enum cli_option_id)i))
            return err_set(e, ERR_USAGE,
                           "parts of a data set are merged as they are: aggregate what comes out "
                           "with 'tinseq convert'");
    if (!json && cli_flag(a, CLI_OPT_COMPRESS) && !text_ends_with(out, ".gz"))
        return err_set(e, ERR_USAGE, "--compress: rows are packed where the name ends in .gz");
    enum err_code code = cli_keep_check(a, true, !json, e);
    return code ? code : cli_file_check(out, e);
}

static enum err_code write_json(void *user, const char *output, const char *rows, struct err *e) {
    const struct export_how how = cli_keep_how(user);
    return rows_json_write(output, rows, &how, e);
}

static void tell(const struct parts_told *told, const char *out) {
    fprintf(stderr, "tinseq: saved %lld row%s to %s\n", (long long)told->n_rows,
            told->n_rows == 1 ? "" : "s", out);
    if (told->n_failed)
        fprintf(stderr, "tinseq: %lld row%s failed, and %s in %s\n", (long long)told->n_failed,
                told->n_failed == 1 ? "" : "s", told->n_failed == 1 ? "is" : "are",
                told->failed_path);
}

enum err_code cli_merge_parts(const struct cli_arguments *a, struct err *e) {
    const char *out = cli_text(a, CLI_OPT_SAVE);
    struct parts_told told = {0};
    enum err_code code = check(a, out, e);
    if (code)
        return code;
    size_t n;
    const char **files = files_of(a, &n);
    code = parts_merge(&told, out, files, n, is_json(out) ? write_json : NULL, (void *)a, e);
    free(files);
    if (!code && !cli_flag(a, CLI_OPT_QUIET))
        tell(&told, out);
    free(told.failed_path);
    return code;
}
