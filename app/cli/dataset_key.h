/* What decides the rows that a run over a data set makes: the files' bytes, the model, the options.
 * Main thread only. */
#ifndef TINSEQ_APP_CLI_DATASET_KEY_H
#define TINSEQ_APP_CLI_DATASET_KEY_H

#include "app/cli/dataset_source.h"
#include "app/cli/options.h"

/* Lines "name: value" (app/dataset/run_key.h), owned by the caller: a run with others would not go
 * on with this one's rows. Rows [from, to) are asked for, in batches of n_batch. Errors: IO. */
enum err_code dataset_key_make(char **out, const struct cli_arguments *a,
                               const struct dataset_source *s, int64_t from, int64_t to,
                               int64_t n_batch, struct err *e) ERR_CHECKED;

#endif
