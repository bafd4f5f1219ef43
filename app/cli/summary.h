/* What a result holds, in words or as JSON: `tinseq show --summary`. Main thread only. */
#ifndef TINSEQ_APP_CLI_SUMMARY_H
#define TINSEQ_APP_CLI_SUMMARY_H

#include "backend/base/err.h"
#include "methods/result/attribution.h"

#include <stdbool.h>

/* Prints it: texts, tokens, positions, shapes and ranges of arrays, parameters. `function` is what
 * was explained; NULL: none takes part. */
enum err_code cli_summary(const struct attribution *a, const char *function, bool json,
                          struct err *e) ERR_CHECKED;

#endif
