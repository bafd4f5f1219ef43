#include "aggregators/registry.h"

#include <string.h>

#define AGGREGATOR(id) extern const struct aggregator aggregator_##id;
#include "aggregators/aggregators.def"
#undef AGGREGATOR

#define MOST 32 /* with those of libraries */

static const struct aggregator *registry[MOST] = {
#define AGGREGATOR(id) &aggregator_##id,
#include "aggregators/aggregators.def"
#undef AGGREGATOR
};
static size_t n_all = 0
#define AGGREGATOR(id) +1
#include "aggregators/aggregators.def"
#undef AGGREGATOR
    ;

const struct aggregator *const *aggregators(size_t *n) {
    *n = n_all;
    return registry;
}

const struct aggregator *aggregator_find(const char *id) {
    for (size_t i = 0; i < n_all; i++)
        if (strcmp(registry[i]->id, id) == 0)
            return registry[i];
    return NULL;
}

enum err_code aggregator_register(const struct aggregator *own, struct err *e) {
    if (n_all == MOST)
        return err_set(e, ERR_USAGE, "there are %d aggregators already, no more can be added",
                       MOST);
    registry[n_all++] = own;
    return ERR_OK;
}
