/* What must hold of attributions whatever the model, for the tiny checkpoints and the real ones:
 * the table of axiom_checks.c, over every method there is. */
#ifndef TINSEQ_TESTS_METHODS_AXIOM_CHECKS_H
#define TINSEQ_TESTS_METHODS_AXIOM_CHECKS_H

#include <stdbool.h>

/* `other` begins as `generated` does and goes on differently. rectifiers: gradients jump along
 * paths, whose sums then converge like 1/n only. n_refused: how many methods have no meaning on
 * this architecture and say so. */
struct axiom_case {
    const char *path, *input, *generated, *other;
    bool rectifiers;
    int n_refused;
};

/* Every method's scores are the same for any memory budget, hence any batch and chunk, and any
 * number of threads; step scores too. */
void axiom_check_invariance(const struct axiom_case *c);
/* Columns do not depend on the tokens after them, and have no scores there. */
void axiom_check_causality(const struct axiom_case *c);
/* Sums over all tokens are f(x) − f(x′), both by forwards of their own, for the methods that
 * promise it; at any layer. */
void axiom_check_completeness(const struct axiom_case *c);
/* Where a column's scores are parts of one, they sum to it. */
void axiom_check_parts(const struct axiom_case *c);
/* Cancelled at any of its reports of progress or its columns, every method stops with ERR_CANCELLED
 * and leaves no tensor behind. */
void axiom_check_cancel(const struct axiom_case *c);

#endif
