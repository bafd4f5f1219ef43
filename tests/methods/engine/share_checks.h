/* What the shares of every token in every row must satisfy, whatever a block is made of. */
#ifndef TINSEQ_TESTS_METHODS_SHARE_CHECKS_H
#define TINSEQ_TESTS_METHODS_SHARE_CHECKS_H

#include "tests/backend/changed_plan.h"

/* Without biases, which are nobody's, the shares of a row's tokens add up to the block's output,
 * and past the feed-forward layer to the residual's term of it; what a row cannot see has no share.
 */
void share_checks(const char *folder, const struct changed_plan *as);

#endif
