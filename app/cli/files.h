/*
 * The files that a command is asked to write: one row an option, with the format it means, or none
 * where the name's ending says it. Main thread only.
 */
#ifndef TINSEQ_APP_CLI_FILES_H
#define TINSEQ_APP_CLI_FILES_H

#include "app/cli/options.h"
#include "views/export/export.h"

/* Names that cannot be written to, before anything is computed. Errors: USAGE (an ending that no
 * format has), IO (no such folder). */
enum err_code cli_files_check(const struct cli_arguments *a, struct err *e) ERR_CHECKED;
/* Writes all of them. What goes wrong with one does not keep the others from being written; the
 * first error is returned. */
enum err_code cli_files_write(const struct cli_arguments *a, const struct export_input *in,
                              struct err *e) ERR_CHECKED;
/* Says on standard error what was written of n texts. */
void cli_files_tell(const struct cli_arguments *a, bool aggregated, size_t n);

/* The same of one file: better now than after a minute of computing, a folder that is not there; a
 * file for each sequence where that is asked for. */
enum err_code cli_file_check(const char *path, struct err *e) ERR_CHECKED;
enum err_code cli_file_write(const struct cli_arguments *a, const char *path,
                             const struct export *format, const struct export_input *in,
                             struct err *e) ERR_CHECKED;
void cli_file_tell(const struct cli_arguments *a, const char *path, const struct export *format,
                   bool aggregated, size_t n);

/* Keeps the first of several errors. */
void cli_keep_error(enum err_code *first, struct err *e, enum err_code code,
                    const struct err *latest);

/* Whether any of them has scores as colours. */
bool cli_files_coloured(const struct cli_arguments *a);

#endif
