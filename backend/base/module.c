#include "backend/base/module.h"

#include "backend/base/file.h"
#include "backend/base/file_guard.h"
#include "backend/base/mem.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Folders to look in, relative to the executable's own: the build tree and its test folders, then
 * an installation's library folder. */
static const char *const folders[] = {
    "",
    "../",
    "../lib/tinseq/",
    "../lib64/tinseq/",
#if defined(__x86_64__)
    "../lib/x86_64-linux-gnu/tinseq/",
#elif defined(__aarch64__)
    "../lib/aarch64-linux-gnu/tinseq/",
#endif
};

static char *find(const char *file, const char *variable) {
    const char *given = getenv(variable);
    char executable[PATH_MAX];
    if (given && *given)
        return mem_text(given);
    ssize_t n = readlink("/proc/self/exe", executable, sizeof executable - 1);
    if (n <= 0)
        return NULL;
    executable[n] = '\0';
    char *slash = strrchr(executable, '/');
    if (!slash)
        return NULL;
    *slash = '\0';
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char *path = mem_format("%s/%s%s", executable, folders[i], file);
        if (file_exists(path))
            return path;
        free(path);
    }
    return NULL;
}

const void *module_open(const char *file, const char *variable, const char *symbol, struct err *e) {
    char *path = find(file, variable);
    if (!path) {
        (void)err_set(
            e, ERR_IO,
            "%s was found neither beside the program nor in its library folder (%s may name it)",
            file, variable);
        return NULL;
    }
    const void *table = NULL;
    int fd;
    if (strchr(path, '/') && file_open(&fd, path, e)) { /* dlopen waits at a pipe */
        free(path);
        return NULL;
    }
    if (strchr(path, '/'))
        close(fd);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    file_guard_stand_first();
    void *address =
        library
            ? dlsym(library, symbol)
            : NULL; /* POSIX promises that a function's address survives the way through void * */
    const char *message = address ? NULL : dlerror();
    if (address) {
        const void *(*function)(void);
        memcpy(&function, &address, sizeof function);
        table = function();
    } else {
        (void)err_set(e, ERR_BACKEND, "%s", message ? message : "a module could not be opened");
    }
    free(path);
    return table;
}
