#include "aggregators/registry.h"

#include <string.h>

#define AGGREGATOR(id) extern const struct aggregator aggregator_##id;
#include "aggregators/aggregators.def"
#undef AGGREGATOR

static const struct aggregator *const registry[] = {
#define AGGREGATOR(id) &aggregator_##id,
#include "aggregators/aggregators.def"
#undef AGGREGATOR
};

#define N_REGISTRY (sizeof registry / sizeof *registry)

const struct aggregator *const *aggregators(size_t *n) {
    *n = N_REGISTRY;
    return registry;
}

const struct aggregator *aggregator_find(const char *id) {
    for (size_t i = 0; i < N_REGISTRY; i++)
        if (strcmp(registry[i]->id, id) == 0)
            return registry[i];
    return NULL;
}
