/* One call's several input texts: those that are impossible are named, the others stay. Main thread
 * only. */
#ifndef TINSEQ_APP_CLI_INPUTS_H
#define TINSEQ_APP_CLI_INPUTS_H

#include "app/cli/options.h"

/* Adds the texts of --input_file to those of -i, in the order given, and puts standard input in
 * the place of "-i -", without its last line break; tokenize reads that itself. A line's end may be
 * CR LF; an empty line is an empty text. USAGE (twice standard input, no text, -0 without a file),
 * IO, FORMAT (too large, a NUL within a line). */
enum err_code cli_inputs_read(struct cli_arguments *a, enum cli_command command,
                              struct err *e) ERR_CHECKED;

/* Passes on how the i-th input of a call ended. A failure of one among several is told on standard
 * error and counted, and ERR_OK goes on with the others; cancelling ends them all. */
enum err_code cli_input_ended(size_t *n_failed, const struct cli_arguments *a, size_t i,
                              enum err_code code, struct err *e) ERR_CHECKED;
/* Of several inputs that were all looked at: ERR_FORMAT says how many failed. */
enum err_code cli_inputs_ended(size_t n_failed, const struct cli_arguments *a,
                               struct err *e) ERR_CHECKED;

#endif
