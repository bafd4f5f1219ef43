/* What the insides of every family's model must satisfy. */
#ifndef TINSEQ_TESTS_BACKEND_INSIDES_CHECKS_H
#define TINSEQ_TESTS_BACKEND_INSIDES_CHECKS_H

#include "tests/backend/changed_plan.h"

/* The parts of every attention, or of the recurrence that stands for it, added up and sent through
 * the rest of their block, are the next hidden state; and so are the two terms of the block's last
 * sum. as: see changed_open. */
void insides_check_sums(const char *folder, const struct changed_plan *as);
/* What a model has not is refused: other attentions and layers, keys of a recurrence, rows beyond a
 * table of positions, ids beyond the vocabulary. */
void insides_check_refusals(const char *folder);

#endif
