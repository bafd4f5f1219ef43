/* How an evaluation is to be made, from the options. Main thread only. */
#ifndef TINSEQ_APP_CLI_EVALUATE_SPEC_H
#define TINSEQ_APP_CLI_EVALUATE_SPEC_H

#include "app/cli/options.h"
#include "app/files/over_texts.h"
#include "methods/evaluation/faithfulness.h"

/* ERR_USAGE: a number that is none, or out of its range. */
enum err_code evaluate_spec(struct faithfulness_spec *s, const struct cli_arguments *a,
                            struct err *e) ERR_CHECKED;

/* ERR_USAGE: intervals over texts of a kind that there is not. */
enum err_code evaluate_intervals(struct over_texts_how *out, const struct cli_arguments *a,
                                 struct err *e) ERR_CHECKED;

#endif
