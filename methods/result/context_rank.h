/* Which scores are large among others: of tokens that a context changes, and of its own. Any
 * thread. */
#ifndef TINSEQ_METHODS_CONTEXT_RANK_H
#define TINSEQ_METHODS_CONTEXT_RANK_H

#include <stddef.h>

/* Mean plus `weight` standard deviations (n − 1) of scores [n]; the mean alone of one; 0 of none.
 */
double context_threshold(const float *scores, size_t n, double weight);
/* Places of scores [n] with |score| ≥ threshold, by falling |score|, at most `most` (0: all), into
 * places [n]; how many. NaN is none. */
size_t context_rank(size_t *places, const float *scores, size_t n, double threshold, size_t most);

#endif
