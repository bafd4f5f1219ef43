/* Where the results of a data set's rows go: each made into a line, a batch at a time. Main thread
 * only. */
#ifndef TINSEQ_APP_CLI_DATASET_OUT_H
#define TINSEQ_APP_CLI_DATASET_OUT_H

#include "app/cli/options.h"
#include "app/dataset/batch.h"
#include "app/dataset/shard.h"
#include "methods/result/attribution.h"
#include "views/export/export.h"

#include <stdint.h>

/* Rows of a batch, which is kept as one: a run that is killed loses at most so many. */
#define DATASET_BATCH 8

/* What is to be done; borrowed. */
struct dataset_task {
    const char *key;  /* app/cli/dataset_key.h */
    bool crew, leads; /* one of several processes on one run, and the one that has its output */
    int64_t from, to; /* rows of the data set */
    struct shard shard;
};

struct dataset_out {
    const struct cli_arguments *a;
    struct cli_arguments shown; /* the same without files: borrows all of it */
    struct dataset_task task;
    bool prints, raw, folder;
    bool mate;                /* of a crew: what it makes goes to the one that leads */
    struct text_buffer *says; /* what a person is told goes there; NULL: it is said at once */
    struct batch_log *log;    /* NULL: nothing is kept, or it goes straight into a device */
    int64_t next;             /* batch that may be the next */
    int64_t failed_rows[DATASET_BATCH];
    size_t n_failed_rows; /* of the batch under way */
    struct info_texts told;
    char *above; /* what the tables so far say of their method */
    struct export_rows rows;
    struct text_buffer lines, failed; /* of the batch under way */
    struct file_writer *device;
    char *path, *failed_path; /* OUT, and where rows that failed go; NULL: nowhere */
    int64_t n_written, n_failed;
};

/* Opens what is there of the run, or begins it; dispose of it in any case. Errors: USAGE (options
 * that do not fit together), and those of batch_log_open. */
enum err_code dataset_out_open(struct dataset_out *o, const struct cli_arguments *a,
                               const struct dataset_task *task, struct err *e) ERR_CHECKED;
/* Keeps what is there where it was not finished. */
void dataset_out_dispose(struct dataset_out *o);

/* The next batch to be done, −1: there is none. Its rows are [from, to) of the data set. */
int64_t dataset_out_next(struct dataset_out *o);
void dataset_out_rows(int64_t *from, int64_t *to, const struct dataset_out *o, int64_t batch);
/* Rows that this process is to do: all, and those that are done. */
int64_t dataset_out_count(const struct dataset_out *o);
int64_t dataset_out_done(const struct dataset_out *o);
/* Says what was there, and which part this is; and when it ends early, how to go on. */
void dataset_out_tell_begin(const struct dataset_out *o);
void dataset_out_tell_kept(const struct dataset_out *o);
/* An error where rows failed; of a part under mpirun only said, as that would end the others. */
enum err_code dataset_out_tell_failed(const struct dataset_out *o, struct err *e) ERR_CHECKED;

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
/* What was added since the last one, as a batch; borrowed until dataset_out_forget. */
struct batch dataset_out_batch(const struct dataset_out *o, int64_t number);
void dataset_out_forget(struct dataset_out *o);
/* A batch is kept, of this process or another. Errors: IO. */
enum err_code dataset_out_keep(struct dataset_out *o, const struct batch *b,
                               struct err *e) ERR_CHECKED;
bool dataset_out_has(const struct dataset_out *o, int64_t number);
/* What a person is told: at once, or put there with a mark and a NUL, "!" of a row that failed. */
void dataset_out_say(struct dataset_out *o, bool error, const char *text);
/* All are done: the files get their names. Errors: IO. */
enum err_code dataset_out_finish(struct dataset_out *o, struct err *e) ERR_CHECKED;

#endif
