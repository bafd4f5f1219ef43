#include "aggregators/functions.h"

#include <string.h>

#define FUNCTION(id) extern const struct aggregate_function aggregate_function_##id;
#include "aggregators/functions.def"
#undef FUNCTION

#define MOST 32 /* with those of libraries */

static const struct aggregate_function *functions[MOST] = {
#define FUNCTION(id) &aggregate_function_##id,
#include "aggregators/functions.def"
#undef FUNCTION
};
static size_t n_all = 0
#define FUNCTION(id) +1
#include "aggregators/functions.def"
#undef FUNCTION
    ;

const struct aggregate_function *const *aggregate_functions(size_t *n) {
    *n = n_all;
    return functions;
}

const struct aggregate_function *aggregate_function_find(const char *id) {
    for (size_t i = 0; i < n_all; i++)
        if (strcmp(functions[i]->id, id) == 0)
            return functions[i];
    return NULL;
}

enum err_code aggregate_function_register(const struct aggregate_function *own, struct err *e) {
    if (n_all == MOST)
        return err_set(e, ERR_USAGE, "there are %d functions already, no more can be added", MOST);
    functions[n_all++] = own;
    return ERR_OK;
}
