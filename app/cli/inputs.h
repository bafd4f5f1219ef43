/* One call's several input texts: those that are impossible are named, the others stay. Main thread
 * only. */
#ifndef TINSEQ_APP_CLI_INPUTS_H
#define TINSEQ_APP_CLI_INPUTS_H

#include "app/cli/options.h"

/* Passes on how the i-th input of a call ended. A failure of one among several is told on standard
 * error and counted, and ERR_OK goes on with the others; cancelling ends them all. */
enum err_code cli_input_ended(size_t *n_failed, const struct cli_arguments *a, size_t i,
                              enum err_code code, struct err *e) ERR_CHECKED;
/* Of several inputs that were all looked at: ERR_FORMAT says how many failed. */
enum err_code cli_inputs_ended(size_t n_failed, const struct cli_arguments *a,
                               struct err *e) ERR_CHECKED;

#endif
