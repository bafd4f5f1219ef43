#include "aggregators/unit_list.h"

#include <string.h>

#define UNIT(id) extern const struct unit unit_##id;
#include "aggregators/unit_list.def"
#undef UNIT

static const struct unit *const registry[] = {
#define UNIT(id) &unit_##id,
#include "aggregators/unit_list.def"
#undef UNIT
};

#define N_UNITS (sizeof registry / sizeof *registry)

const struct unit *const *units(size_t *n) {
    *n = N_UNITS;
    return registry;
}

const struct unit *unit_find(const char *id) {
    for (size_t i = 0; i < N_UNITS; i++)
        if (strcmp(registry[i]->id, id) == 0)
            return registry[i];
    return NULL;
}
