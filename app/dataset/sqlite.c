#include "app/dataset/sqlite.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* POSIX promises that a function's address survives the way through void *. */
static bool find(void *to, void *library, const char *name) {
    void *address = dlsym(library, name);
    memcpy(to, &address, sizeof address);
    return address != NULL;
}

static bool find_all(struct sqlite *lib, void *library) {
    bool all = true;
#define FUNCTION(name) all = find(&lib->name, library, "sqlite3_" #name) && all;
    SQLITE_FUNCTIONS(FUNCTION)
#undef FUNCTION
    return all;
}

const struct sqlite *sqlite_open(struct err *e) {
    static struct sqlite lib;
    static bool ready;
    const char *given = getenv("TINSEQ_SQLITE");
    if (ready)
        return &lib;
    void *library = dlopen(given ? given : "libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
    ready = library && find_all(&lib, library);
    if (ready)
        return &lib;
    const char *reason = dlerror();
    (void)err_set(e, ERR_UNSUPPORTED,
                  "a run over a data set is kept by SQLite: install the package " SQLITE_PACKAGE
                  " (%.200s)",
                  reason ? reason : "it is too old");
    return NULL;
}
