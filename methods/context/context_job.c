#include "methods/context/context_job.h"

#include "backend/base/mem.h"
#include "methods/step_functions/registry.h"

#include <string.h>

#define METRIC "kl_divergence"

const char *context_metric(const struct context_request *r) {
    return r->metric ? r->metric : METRIC;
}

/* Whether whole distributions are compared, not one token with another. */
bool context_compares_all(const struct context_request *r) {
    return r->how.attributed_fn && strcmp(r->how.attributed_fn, "kl_divergence") == 0;
}

bool context_contrasts(const struct context_request *r) {
    const struct step_function *f =
        r->how.attributed_fn ? step_function_find(r->how.attributed_fn) : NULL;
    return f && f->decl.contrastive;
}

int64_t *context_opposite(int64_t from, int64_t n) {
    int64_t *out = mem_alloc((size_t)n * sizeof *out);
    for (int64_t g = 0; g < n; g++)
        out[g] = from + g;
    return out;
}

struct attribute_events context_notices(const struct context_events *events) {
    struct attribute_events out = {0};
    if (events)
        out = (struct attribute_events){.user = events->base.user, .notice = events->base.notice};
    return out;
}
