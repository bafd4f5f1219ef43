/* --alignments: words of the source and of the text in pairs, instead of the table. Main thread
 * only. */
#ifndef TINSEQ_APP_CLI_ALIGNMENTS_H
#define TINSEQ_APP_CLI_ALIGNMENTS_H

#include "app/cli/options.h"
#include "methods/result/attribution.h"

bool cli_aligns(const struct cli_arguments *a);
/* The options alone. ERR_USAGE names what is wrong, and the nearest. */
enum err_code cli_alignments_check(const struct cli_arguments *a, struct err *e) ERR_CHECKED;
/* Before anything is computed with a model that has no source. ERR_USAGE. */
enum err_code cli_alignments_check_model(const struct cli_arguments *a, bool encoder_decoder,
                                         struct err *e) ERR_CHECKED;
/* Prints a line a sequence of an aggregated result, whose tokens are words or what is shown; what a
 * person should know of it is added to `told`. Errors: USAGE (it has no source scores), SHAPE, IO.
 */
enum err_code cli_alignments_print(const struct attribution *shown, const struct cli_arguments *a,
                                   struct info_texts *told, struct err *e) ERR_CHECKED;

#endif
