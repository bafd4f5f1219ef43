/* Batches of several processes come in any order: they are brought into that of the data set.
 * Internal to app/dataset. One thread at a time. */
#ifndef TINSEQ_APP_BATCH_ORDER_H
#define TINSEQ_APP_BATCH_ORDER_H

#include "app/dataset/batch_parts.h"

#define BATCH_ORDERED_ROWS "ordered.jsonl"
#define BATCH_ORDERED_FAILED "ordered-failed.jsonl"

/* Both spools become such files of the folder, in order. Errors: IO, FORMAT, NOMEM. */
enum err_code batch_order(struct batch_log *l, struct err *e) ERR_CHECKED;

#endif
