/*
 * The rows of a map of attention where a file has them in another order than the program: query,
 * key and value fused by groups of heads or in blocks, and pairs that are rotated together
 * adjacent. Orders are arrays of the caller's: row i lies at order[i] of the file. Plain C. Any
 * thread.
 */
#ifndef TINSEQ_BACKEND_ARCHITECTURES_ROW_ORDER_H
#define TINSEQ_BACKEND_ARCHITECTURES_ROW_ORDER_H

#include "backend/architectures/family.h"

/* Of SLOT_QUERY and SLOT_KEY and their norms' scales, and of SLOT_QKV, whose rows are here all
 * queries', all keys' and all values' in turn. NULL: as in the file. The sizes are checked ones. */
int64_t *row_order(const struct model_config *c, const struct family_layout *l, enum slot slot);
/* Of n_heads heads of `width` rows, the first n_rotated of which are pairs that here are i and i +
 * n_rotated / 2, and in the file 2i and 2i + 1. */
int64_t *row_order_of_pairs(int64_t n_heads, int64_t width, int64_t n_rotated);

#endif
