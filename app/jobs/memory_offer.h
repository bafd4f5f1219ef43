/*
 * What would fit in memory instead of a run that does not: by estimates alone, before anything
 * runs. Interface thread only.
 */
#ifndef TINSEQ_APP_MEMORY_OFFER_H
#define TINSEQ_APP_MEMORY_OFFER_H

#include "app/jobs/engine.h"
#include "methods/cost.h"
#include "methods/declare/declare.h"
#include "methods/request/attribute.h"

#include <stddef.h>
#include <stdint.h>

#define MEMORY_OFFER_METHODS 3

struct memory_offer {
    struct attribute_request request; /* owned: the run's */
    char *foil;
    int64_t budget;     /* bytes, whole megabytes; 0: no smaller one would do */
    const char *option; /* of the method, to be set lower: a literal; NULL: none would do */
    int64_t option_value;
    int64_t start, end; /* positions that would fit; both 0: none */
    const struct method_decl *methods[MEMORY_OFFER_METHODS];
    size_t n_methods;
    struct cost_estimate budget_cost, option_cost, method_costs[MEMORY_OFFER_METHODS];
};

/* What would fit of this request, whose run was refused for this cost; what `o` held before goes.
 * False: the request's method is not known. */
bool memory_offer_find(struct memory_offer *o, const struct engine_model *model,
                       const struct attribute_request *r, const char *foil,
                       const struct cost_estimate *c);
void memory_offer_dispose(struct memory_offer *o);

#endif
