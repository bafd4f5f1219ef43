/*
 * The results of a long run, kept batch by batch as they come: killed at any moment, it loses at
 * most the batch under way, and the same command goes on behind what is there. Beside OUT, in the
 * folder OUT.part, stand
 *
 *   rows.jsonl, failed.jsonl   what was added, in the order in which it came (rows.jsonl.gz where
 *                              OUT is packed: a gzip member a batch)
 *   journal.sqlite             which batch stands where, and what the run is
 *   lock                       held while a process writes to it
 *
 * A batch counts when the journal says so, which it does after its rows are in their file; what
 * stands behind the last one is of a batch that was interrupted, and cut off. Once a second all of
 * it is put onto the disk: where the power goes, batches since then are looked at by their sums,
 * and done again from the first that is not whole. Batches are of rows
 * of the data set in their order, cut from it alone, so that a run that was interrupted makes the
 * same ones.
 *
 * Rows are those of views/export/rows.h. Each batch is written as if it stood alone, with what
 * stands above its rows; where that stands above them already, it is left out. Rows of a shard, and
 * of a folder, have marks of their batches among them (batch_mark.h). Untrusted when it is
 * opened again. One thread at a time.
 */
#ifndef TINSEQ_APP_BATCH_LOG_H
#define TINSEQ_APP_BATCH_LOG_H

#include "app/dataset/batch.h"
#include "app/dataset/shard.h"
#include "backend/base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* What a run is. All borrowed. */
struct batch_log_about {
    const char *output; /* OUT: a file, or a folder of files that shards share */
    bool folder;
    const char *key; /* all that decides the rows beside the shard: lines "name: value" */
    struct shard shard;
};

struct batch_log;

/* Opens what is there of the run, or begins it. Errors: USAGE where a run of other settings stands
 * there (it says which differ) or a process writes to it (it says which); IO, FORMAT (it is
 * damaged), UNSUPPORTED (SQLite is not there). */
enum err_code batch_log_open(struct batch_log **out, const struct batch_log_about *about,
                             struct err *e) ERR_CHECKED;

/* What was there, and was added since. */
bool batch_log_has(const struct batch_log *l, int64_t number);
int64_t batch_log_rows(const struct batch_log *l); /* those that failed too */
int64_t batch_log_failed(const struct batch_log *l);
/* OUT, of a shard shard_path of it; where rows that failed go; and the folder that the run stands
 * in. Borrowed. */
const char *batch_log_output(const struct batch_log *l);
const char *batch_log_failed_name(const struct batch_log *l);
const char *batch_log_folder(const struct batch_log *l);

/* Adds one that is not there, in any order: it counts when it returns. Errors: IO (a full disk;
 * what was there before is still). */
enum err_code batch_log_add(struct batch_log *l, const struct batch *b, struct err *e) ERR_CHECKED;

/* The file of rows that OUT is made of, in order: gives OUT its content, completely or not at
 * all. */
typedef enum err_code batch_log_write(void *user, const char *output, const char *rows,
                                      struct err *e);

/* Makes OUT, and FILE.failed.jsonl beside it where rows failed (one of an earlier run is removed
 * where none did), of n_batches over n_rows rows of the data set, those of other shards too;
 * nothing of OUT.part is left. `write` NULL: OUT is the rows (.jsonl, .jsonl.gz). Freed in any
 * case; on failure all is kept, and the same command may try again. */
enum err_code batch_log_finish_take(struct batch_log *l, int64_t n_batches, int64_t n_rows,
                                    batch_log_write *write, void *user, struct err *e) ERR_CHECKED;

/* Closes it and keeps all that is there. NULL is legal. */
void batch_log_leave(struct batch_log *l);

/* Where rows that failed go: "facts.failed.jsonl" of "facts.jsonl.gz". Owned by the caller. */
char *batch_log_failed_path(const char *output);

#endif
