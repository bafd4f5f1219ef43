/* A batch of rows of a data set, as they are written. Plain data. */
#ifndef TINSEQ_APP_BATCH_H
#define TINSEQ_APP_BATCH_H

#include <stddef.h>
#include <stdint.h>

/* Some rows of the data set, one after the other. Borrowed. */
struct batch {
    int64_t number;             /* from 0 */
    int64_t first_row, n_rows;  /* of the data set, counted from 0; those that failed are of them */
    const int64_t *failed_rows; /* [n_failed] of them, rising */
    int64_t n_failed;
    const char *rows; /* whole lines */
    size_t n_rows_bytes;
    const char *failed; /* a line for each row that failed */
    size_t n_failed_bytes;
};

#endif
