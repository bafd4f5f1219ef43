/* The engine as the options of the command line want it. Main thread only. */
#ifndef TINSEQ_APP_CLI_ENGINE_H
#define TINSEQ_APP_CLI_ENGINE_H

#include "app/cli/options.h"
#include "app/jobs/engine.h"

/* --device, --dtype, --threads. *out is freed by (*ops)->free. Nothing is opened yet. Errors: USAGE
 * (values that cannot be). */
enum err_code cli_engine(struct engine **out, const struct engine_ops **ops,
                         const struct cli_arguments *a, struct err *e) ERR_CHECKED;

#endif
