/* tinseq merge of what several processes made of a data set (app/dataset/parts.h). Main thread
 * only. */
#ifndef TINSEQ_APP_CLI_MERGE_PARTS_H
#define TINSEQ_APP_CLI_MERGE_PARTS_H

#include "app/cli/options.h"

#include <stdbool.h>

/* Whether the words are parts. USAGE: some are. */
enum err_code cli_are_parts(bool *out, const struct cli_arguments *a, struct err *e) ERR_CHECKED;
/* Writes the words' rows to -o, and says so. Errors: those of parts_merge; USAGE (options that
 * change what rows say, which is for 'convert'). */
enum err_code cli_merge_parts(const struct cli_arguments *a, struct err *e) ERR_CHECKED;

#endif
