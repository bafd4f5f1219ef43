/* What becomes of a result on the command line: saved, printed, drawn. Main thread only. */
#ifndef TINSEQ_APP_CLI_OUTPUT_H
#define TINSEQ_APP_CLI_OUTPUT_H

#include "app/cli/options.h"
#include "methods/result/attribution.h"

/* Names in the output options that are wrong, and folders that are not there, before anything is
 * computed. `method` may be NULL. */
enum err_code cli_check_output(const struct cli_arguments *a, const char *method,
                               struct err *e) ERR_CHECKED;
/* Saves, prints and draws as the options say. The table is still printed when a file could not be
 * written. */
enum err_code cli_deliver(const struct attribution *result, const struct cli_arguments *a,
                          struct err *e) ERR_CHECKED;
/* Scores per token of a raw sequence, as the options say: tokens that they merge have the scores of
 * what they are merged into. */
enum err_code cli_aggregate(struct attribution_sequence *out, const struct attribution_sequence *in,
                            const struct cli_arguments *a, struct err *e) ERR_CHECKED;

#endif
