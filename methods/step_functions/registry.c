#include "methods/step_functions/registry.h"

#include <string.h>

#define STEP_FUNCTION(id) extern const struct step_function step_function_##id;
#include "methods/step_functions/step_functions.def"
#undef STEP_FUNCTION

#define MOST_FUNCTIONS 64 /* with those of libraries */

static const struct step_function *functions[MOST_FUNCTIONS] = {
#define STEP_FUNCTION(id) &step_function_##id,
#include "methods/step_functions/step_functions.def"
#undef STEP_FUNCTION
};
static const struct step_function_decl *decls[MOST_FUNCTIONS] = {
#define STEP_FUNCTION(id) &step_function_##id.decl,
#include "methods/step_functions/step_functions.def"
#undef STEP_FUNCTION
};
static size_t n_functions = 0
#define STEP_FUNCTION(id) +1
#include "methods/step_functions/step_functions.def"
#undef STEP_FUNCTION
    ;

const struct step_function_decl *const *step_function_decls(size_t *n) {
    *n = n_functions;
    return decls;
}

enum err_code step_function_register(const struct step_function *f, struct err *e) {
    if (n_functions == MOST_FUNCTIONS)
        return err_set(e, ERR_USAGE, "there are %d step functions already, no more can be added",
                       MOST_FUNCTIONS);
    decls[n_functions] = &f->decl;
    functions[n_functions++] = f;
    return ERR_OK;
}

const struct step_function *step_function_find(const char *id) {
    for (size_t i = 0; i < n_functions; i++)
        if (strcmp(functions[i]->decl.id, id) == 0)
            return functions[i];
    return NULL;
}

const struct step_function_decl *step_function_decl_find(const char *id) {
    const struct step_function *f = step_function_find(id);
    return f ? &f->decl : NULL;
}
