/* Axioms of the kin of integrated gradients on whole models: what path_checks.c checks, for the
 * tiny checkpoints and the real ones. */
#ifndef TINSEQ_TESTS_METHODS_PATH_CHECKS_H
#define TINSEQ_TESTS_METHODS_PATH_CHECKS_H

#include <stdbool.h>

/* With a contrast the attributed function is contrast_logits_diff. rectifiers: gradients jump along
 * paths, whose sums converge like 1/n only; more points then. */
struct path_case {
    const char *path, *input, *generated, *contrast;
    bool rectifiers;
};

/* Integrated gradients with steps of its own, and guided ones, sum to what the function changes. */
void path_check_completeness(const struct path_case *c);
/* A token's sequential sum is what its replacement alone changes, by a forward of its own. */
void path_check_sequential(const struct path_case *c);
/* With a reference very near, the rescale rule is the derivative. */
void path_check_rescale(const struct path_case *c);
/* DeepLIFT with the rule everywhere and discretized paths: they run, with contrast and target, and
 * are the same for any budget. */
void path_check_budgets(const struct path_case *c);

#endif
