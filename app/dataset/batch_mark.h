/*
 * Lines of a file of rows that say which batches of a data set it has; readers of rows pass over
 * them:
 *
 *   {"batch":{"number":3,"row":96,"rows":8,"failed":[97,101]}}
 *       above each batch: its rows, and those of them that failed and are in no line of it
 *   {"batch":{"shard":3,"of":16,"batches":625,"rows":5000,"key":"…"}}
 *       the last line, of the whole data set
 *
 * Untrusted when read. Any thread.
 */
#ifndef TINSEQ_APP_BATCH_MARK_H
#define TINSEQ_APP_BATCH_MARK_H

#include "app/dataset/batch.h"
#include "app/dataset/shard.h"
#include "backend/base/err.h"
#include "backend/base/mem.h"

#include <stdbool.h>

void batch_mark_write(struct text_buffer *out, const struct batch *b);
void batch_mark_end(struct text_buffer *out, const struct shard *s, int64_t n_batches,
                    int64_t n_rows, const char *key);

/* What such a line says: of a batch, or of all where `key`. */
struct batch_mark {
    int64_t number, first_row, n_rows;
    int64_t *failed; /* [n_failed], rising, all of its rows */
    size_t n_failed;
    struct shard shard;
    int64_t n_batches;
    char *key; /* NULL: of a batch */
};
bool batch_mark_is(const char *line, size_t n);
/* Dispose of it in any case. Errors: FORMAT. */
enum err_code batch_mark_read(struct batch_mark *out, const char *line, size_t n,
                              struct err *e) ERR_CHECKED;
void batch_mark_dispose(struct batch_mark *m);

#endif
