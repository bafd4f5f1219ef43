#include "aggregators/functions.h"

#include <string.h>

#define FUNCTION(id) extern const struct aggregate_function aggregate_function_##id;
#include "aggregators/functions.def"
#undef FUNCTION

static const struct aggregate_function *const functions[] = {
#define FUNCTION(id) &aggregate_function_##id,
#include "aggregators/functions.def"
#undef FUNCTION
};

#define N_FUNCTIONS (sizeof functions / sizeof *functions)

const struct aggregate_function *const *aggregate_functions(size_t *n) {
    *n = N_FUNCTIONS;
    return functions;
}

const struct aggregate_function *aggregate_function_find(const char *id) {
    for (size_t i = 0; i < N_FUNCTIONS; i++)
        if (strcmp(functions[i]->id, id) == 0)
            return functions[i];
    return NULL;
}
