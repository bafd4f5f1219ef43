/* A run over a made-up data set, whose batches cost nothing: what a batch log makes of it. */
#ifndef TINSEQ_TESTS_APP_MADE_RUN_H
#define TINSEQ_TESTS_APP_MADE_RUN_H

#include "app/dataset/batch_log.h"

#include <stdbool.h>
#include <stddef.h>

#define MADE_BATCHES 23
#define MADE_ROWS 67 /* three a batch, and one */

/* Adds what is not there of its shard, first to last or else shuffled by a seed. */
enum err_code made_run_add(struct batch_log *l, const struct shard *s, unsigned shuffle,
                           struct err *e);
/* All of it: opens, adds, finishes. */
enum err_code made_run(const char *output, const struct shard *s, unsigned shuffle, struct err *e);
/* What OUT must have at the end, and the file of rows that failed. Owned by the caller. */
char *made_run_rows(size_t *n);
char *made_run_failed(size_t *n);

#endif
