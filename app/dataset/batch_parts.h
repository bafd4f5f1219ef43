/* What a batch log is made of. Internal to app/dataset. One thread at a time. */
#ifndef TINSEQ_APP_BATCH_PARTS_H
#define TINSEQ_APP_BATCH_PARTS_H

#include "app/dataset/journal.h"
#include "app/dataset/run_lock.h"
#include "app/dataset/shard.h"
#include "app/dataset/spool.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct batch_log {
    char *output, *failed_output, *folder, *journal_path, *key;
    struct shard shard;
    struct run_lock *lock;
    struct journal *journal;
    struct spool rows, failed;
    bool marked;                   /* each batch says which rows it has */
    bool packed;                   /* the rows are, as OUT is */
    struct journal_batch *batches; /* [n], by number */
    size_t n;
    int64_t n_rows, n_failed;
    bool straight;   /* all that are there came one after the other, and none is left out between */
    char *above;     /* the line that stands above the rows behind them; NULL: none */
    bool finished;   /* all were there, and OUT was being made */
    bool moved;      /* and has the rows */
    int64_t on_disk; /* batches that are, whatever happens */
    double synced;   /* when the last was; 0: none by this process */
    bool cut;        /* what was not on the disk is not there any more */
    bool broken; /* something could not be written: what is there counts, and no more is added */
};

#endif
