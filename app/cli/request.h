/* A request out of the options of the command line. Main thread only. */
#ifndef TINSEQ_APP_CLI_REQUEST_H
#define TINSEQ_APP_CLI_REQUEST_H

#include "app/cli/options.h"
#include "methods/request/request.h"

/* For the n-th input (−1: the first, if any); it owns all it refers to. Checks what can be checked
 * without a model. */
enum err_code cli_request(struct attribute_request *out, const struct cli_arguments *a,
                          int64_t i_input, struct err *e) ERR_CHECKED;

#endif
