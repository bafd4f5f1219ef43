/* One sequence of a result as a result of its own. Any thread. */
#ifndef TINSEQ_METHODS_RESULT_PICK_H
#define TINSEQ_METHODS_RESULT_PICK_H

#include "methods/result/attribution.h"

/* A copy of sequence i with what the info says of it: its texts, and what it was held against; what
 * is said of all stays. Owned by the caller. NULL when memory is out. */
struct attribution *attribution_pick(const struct attribution *a, size_t i);

#endif
