#include "backend/base/activation.h"

bool activation_is_of_modules(enum activation kind) {
#define ACTIVATION_MODULES(id, function, modules) [ACTIVATION_##id] = (modules),
    static const bool of_modules[] = {ACTIVATIONS(ACTIVATION_MODULES)};
    return of_modules[kind];
}
