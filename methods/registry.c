#include "methods/registry.h"

#include "methods/method.h"

#include <string.h>

#define METHOD(id) extern const struct method method_##id;
#include "methods/methods.def"
#undef METHOD

static const struct method *const methods[] = {
#define METHOD(id) &method_##id,
#include "methods/methods.def"
#undef METHOD
};
static const struct method_decl *const decls[] = {
#define METHOD(id) &method_##id.decl,
#include "methods/methods.def"
#undef METHOD
};
#define N_METHODS (sizeof methods / sizeof methods[0])

const struct method_decl *const *method_decls(size_t *n) {
    *n = N_METHODS;
    return decls;
}

const struct method *method_find(const char *id) {
    for (size_t i = 0; i < N_METHODS; i++)
        if (strcmp(methods[i]->decl.id, id) == 0)
            return methods[i];
    return NULL;
}

const struct method_decl *method_decl_find(const char *id) {
    const struct method *m = method_find(id);
    return m ? &m->decl : NULL;
}
