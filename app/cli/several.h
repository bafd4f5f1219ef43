/* Saved results of one file or several into one: what convert and merge do. Main thread only. */
#ifndef TINSEQ_APP_CLI_SEVERAL_H
#define TINSEQ_APP_CLI_SEVERAL_H

#include "app/cli/options.h"

/* Writes all results of the files [n], as the options say, in the format of `out`'s ending. Rows go
 * one by one. What stands in `out` stays until all of it is written: it may be one of the files. */
enum err_code cli_several(const struct cli_arguments *a, const char *const *files, size_t n,
                          const char *out, struct err *e) ERR_CHECKED;

#endif
