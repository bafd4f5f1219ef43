/* --viz_path and --export of a data set: made of the file that -o wrote, when all rows are there.
 * Main thread only. */
#ifndef TINSEQ_APP_CLI_DATASET_PAGES_H
#define TINSEQ_APP_CLI_DATASET_PAGES_H

#include "app/cli/options.h"

/* Before anything is computed. ERR_USAGE: they are asked for, and no file of all rows is. */
enum err_code dataset_pages_check(const struct cli_arguments *a, struct err *e) ERR_CHECKED;
/* Writes them of the file at `path`. Errors: those of what is written, NOMEM where all rows do not
 * fit into memory together. */
enum err_code dataset_pages_write(const struct cli_arguments *a, const char *path,
                                  struct err *e) ERR_CHECKED;

#endif
