/* Which files a data set is, and which of their rows, as the options say it: Inseq's, or -d FILE.
 * Main thread only. */
#ifndef TINSEQ_APP_CLI_DATASET_SOURCE_H
#define TINSEQ_APP_CLI_DATASET_SOURCE_H

#include "app/cli/options.h"
#include "app/dataset/dataset.h"
#include "app/dataset/split.h"

struct dataset_source {
    char **files; /* [n] */
    size_t n;
    struct dataset_form form; /* its names are `names` */
    char **names;
    struct split split;
};

/* Dispose of it in any case. Errors: USAGE (no files; a name of the Hub, Parquet and what else
 * cannot be read here, with what makes a file of it; --dataset_kwargs that cannot be followed), IO.
 */
enum err_code dataset_source_read(struct dataset_source *out, const struct cli_arguments *a,
                                  struct err *e) ERR_CHECKED;
/* The rows [*from, *to) of the files that are asked for, by reading them. Errors: USAGE (there are
 * none), and those of dataset_count. */
enum err_code dataset_source_rows(int64_t *from, int64_t *to, const struct dataset_source *s,
                                  struct err *e) ERR_CHECKED;
void dataset_source_dispose(struct dataset_source *s);

#endif
