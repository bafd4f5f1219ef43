/* Options of the terminal program, for the commands that start it. Main thread only. */
#ifndef TINSEQ_APP_CLI_TERMINAL_H
#define TINSEQ_APP_CLI_TERMINAL_H

#include "app/cli/options.h"
#include "app/tui/options.h"

/* Fills in what the terminal, the theme and the engine are to be like, and runs the program until
 * the person quits. */
enum err_code cli_terminal(struct tui_options *options, const struct cli_arguments *a,
                           struct err *e) ERR_CHECKED;

#endif
