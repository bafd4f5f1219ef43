/* The texts of `evaluate` from the rows of a data set: -d FILE, with the options of
 * attribute-dataset that say which rows, and what is made of them. Main thread only. */
#ifndef TINSEQ_APP_CLI_EVALUATE_DATASET_H
#define TINSEQ_APP_CLI_EVALUATE_DATASET_H

#include "app/cli/evaluate_marks.h"
#include "app/cli/options.h"

#define EVALUATE_TEXTS 4

struct evaluate_dataset {
    char **texts[EVALUATE_TEXTS]; /* [n] each, owned: inputs, texts, contrasts; NULL: not given */
    size_t n, n_failed;           /* texts; rows that are bad, which were told */
};
void evaluate_dataset_dispose(struct evaluate_dataset *d);

/* Whether any option of a data set is given. */
bool evaluate_has_dataset(const struct cli_arguments *a);
/* Reads the rows, which are then the texts of `to` (that of `a`, borrowed from `out`), and with
 * --rationale_column their marks. All of them are in memory. Errors: those of attribute-dataset
 * before it runs; USAGE: options that a row cannot have here, no row at all. */
enum err_code evaluate_dataset_read(struct evaluate_dataset *out, struct cli_arguments *to,
                                    struct evaluate_marks *marks, const struct cli_arguments *a,
                                    struct err *e) ERR_CHECKED;

#endif
