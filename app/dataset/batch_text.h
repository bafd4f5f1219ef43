/*
 * Lines of batches, put one behind the other. A file of one shard also says which batches it has,
 * in lines that readers of rows pass over:
 *
 *   {"batch":{"number":3,"row":96,"rows":32,"failed":1}}
 *       above each batch; rows that failed are among its rows, and in no line of it
 *   {"batch":{"shard":3,"of":16,"batches":625,"rows":20000,"key":"…"}}
 *       the last line, of the whole data set
 *
 * Internal to app/dataset. Any thread.
 */
#ifndef TINSEQ_APP_BATCH_TEXT_H
#define TINSEQ_APP_BATCH_TEXT_H

#include "app/dataset/batch.h"
#include "app/dataset/shard.h"
#include "backend/base/mem.h"

/* Appends a batch's lines. What stands above its rows is left out where it is *above, the line that
 * stands above those before; *above becomes what stands above what follows (owned by the caller,
 * NULL: nothing). */
void batch_text_put(struct text_buffer *out, char **above, const char *lines, size_t n);

void batch_text_mark(struct text_buffer *out, const struct batch *b);
void batch_text_end(struct text_buffer *out, const struct shard *s, int64_t n_batches,
                    int64_t n_rows, const char *key);

#endif
