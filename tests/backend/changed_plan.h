/* A tiny checkpoint whose blocks stand in another order than its file says: every way in which
 * parts and norms can follow each other has a model to check it on, whether a family has it or not.
 */
#ifndef TINSEQ_TESTS_BACKEND_CHANGED_PLAN_H
#define TINSEQ_TESTS_BACKEND_CHANGED_PLAN_H

#include "backend/model.h"

struct changed_plan {
    enum norm_place place;
    enum join join;
    bool shared_norm;
};

/* Opens it; `as` NULL: as its file says. A second norm of a branch is the first of another part. */
struct model *changed_open(const char *folder, const struct changed_plan *as);
/* Takes the biases of all blocks and of the head away: what is left is the tokens'. */
void changed_drop_biases(struct model *m);

/* Every order of the parts and norms of each checkpoint: calls check(folder, as). */
void changed_each(const char *const *folders, size_t n,
                  void (*check)(const char *folder, const struct changed_plan *as));

#endif
