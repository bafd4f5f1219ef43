#include "aggregators/unit_list.h"

#include <string.h>

#define UNIT(id) extern const struct unit unit_##id;
#include "aggregators/unit_list.def"
#undef UNIT

#define MOST 32 /* with those of libraries */

static const struct unit *registry[MOST] = {
#define UNIT(id) &unit_##id,
#include "aggregators/unit_list.def"
#undef UNIT
};
static size_t n_all = 0
#define UNIT(id) +1
#include "aggregators/unit_list.def"
#undef UNIT
    ;

const struct unit *const *units(size_t *n) {
    *n = n_all;
    return registry;
}

const struct unit *unit_find(const char *id) {
    for (size_t i = 0; i < n_all; i++)
        if (strcmp(registry[i]->id, id) == 0)
            return registry[i];
    return NULL;
}

enum err_code unit_register(const struct unit *own, struct err *e) {
    if (n_all == MOST)
        return err_set(e, ERR_USAGE, "there are %d units already, no more can be added", MOST);
    registry[n_all++] = own;
    return ERR_OK;
}
