#include "methods/registry.h"

#include "methods/method.h"

#include <string.h>

#define METHOD(id) extern const struct method method_##id;
#include "methods/methods.def"
#undef METHOD

#define MOST_METHODS 96 /* with those of libraries */

static const struct method *methods[MOST_METHODS] = {
#define METHOD(id) &method_##id,
#include "methods/methods.def"
#undef METHOD
};
static const struct method_decl *decls[MOST_METHODS] = {
#define METHOD(id) &method_##id.decl,
#include "methods/methods.def"
#undef METHOD
};
static size_t n_methods = 0
#define METHOD(id) +1
#include "methods/methods.def"
#undef METHOD
    ;

const struct method_decl *const *method_decls(size_t *n) {
    *n = n_methods;
    return decls;
}

enum err_code method_register(const struct method *m, struct err *e) {
    if (n_methods == MOST_METHODS)
        return err_set(e, ERR_USAGE, "there are %d methods already, no more can be added",
                       MOST_METHODS);
    decls[n_methods] = &m->decl;
    methods[n_methods++] = m;
    return ERR_OK;
}

const struct method *method_find(const char *id) {
    for (size_t i = 0; i < n_methods; i++)
        if (strcmp(methods[i]->decl.id, id) == 0)
            return methods[i];
    return NULL;
}

const struct method_decl *method_decl_find(const char *id) {
    const struct method *m = method_find(id);
    return m ? &m->decl : NULL;
}
