/* Which batches of a data set are in which of several files. Internal to app/dataset. Any thread.
 */
#ifndef TINSEQ_APP_PART_LIST_H
#define TINSEQ_APP_PART_LIST_H

#include "app/dataset/shard.h"
#include "backend/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct part {
    const char *path; /* borrowed */
    struct shard shard;
    int64_t n_batches, n_rows; /* of the whole data set */
    char *key;
};

struct part_batch {
    int64_t number, first_row, n_rows, n_failed;
    size_t part;
};

struct part_list {
    struct part *items; /* [n] */
    size_t n;
    struct part_batch *batches; /* [n_batches] by number: all that there are, each once */
    size_t n_batches;
    int64_t n_rows, n_failed;
};

/* Reads all files; dispose of it in any case. Errors: USAGE (rows that are in none of them, or in
 * two; parts of different runs), FORMAT, IO. */
enum err_code part_list_read(struct part_list *out, const char *const *files, size_t n,
                             struct err *e) ERR_CHECKED;
void part_list_dispose(struct part_list *l);

#endif
