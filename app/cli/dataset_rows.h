/* The rows of a data set, explained one after the other and written. Main thread only. */
#ifndef TINSEQ_APP_CLI_DATASET_ROWS_H
#define TINSEQ_APP_CLI_DATASET_ROWS_H

#include "app/cli/dataset_request.h"
#include "app/cli/dataset_source.h"
#include "app/jobs/engine.h"

#include <stdatomic.h>

/* All borrowed. */
struct dataset_run {
    const struct dataset_source *source;
    struct dataset_request *request;
    const struct cli_arguments *a;
    struct engine *engine;
    const struct engine_ops *ops;
    atomic_bool *cancel;
};

/* Loads the model and does all rows. Errors: those of the model, the files and what is written;
 * FORMAT where rows failed; CANCELLED. */
enum err_code dataset_rows_run(const struct dataset_run *x, struct err *e) ERR_CHECKED;

#endif
