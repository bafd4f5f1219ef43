/* Where the results of a data set's rows go: each made into a line, a batch at a time. Main thread
 * only. */
#ifndef TINSEQ_APP_CLI_DATASET_OUT_H
#define TINSEQ_APP_CLI_DATASET_OUT_H

#include "app/cli/options.h"
#include "methods/result/attribution.h"
#include "views/export/export.h"

#include <stdint.h>

struct dataset_out {
    const struct cli_arguments *a;
    struct cli_arguments shown; /* the same without files: borrows all of it */
    const char *path;           /* NULL: nothing is kept */
    bool prints;
    struct info_texts told;
    char *above; /* what the tables so far say of their method */
    struct export_rows rows;
    struct text_buffer lines, failed; /* of the batch under way */
    struct file_writer *file;
    char *failed_path;
    struct text_buffer all_failed;
    int64_t n_written, n_failed;
};

enum err_code dataset_out_open(struct dataset_out *o, const struct cli_arguments *a,
                               struct err *e) ERR_CHECKED;
void dataset_out_dispose(struct dataset_out *o);

/* A result of one sequence: printed, and added to the batch. Errors: of what the options ask for.
 */
enum err_code dataset_out_add(struct dataset_out *o, struct attribution *one,
                              struct err *e) ERR_CHECKED;
/* A row that failed: where it stands, why, and its fields (a JSON object; NULL: unknown). */
struct dataset_failed {
    const char *file;
    int64_t line, row;
    const char *reason, *fields;
};
void dataset_out_fail(struct dataset_out *o, const struct dataset_failed *f);
/* What the batch has is kept. Errors: IO. */
enum err_code dataset_out_batch(struct dataset_out *o, struct err *e) ERR_CHECKED;
/* All are done: the files get their names. Errors: IO. */
enum err_code dataset_out_finish(struct dataset_out *o, struct err *e) ERR_CHECKED;

#endif
