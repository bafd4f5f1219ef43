#include "methods/declare/plugin.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"

#include <ctype.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST_NAME 40

/* A bare name would be looked for among the system's libraries. */
static char *file_of(const char *path) {
    return strchr(path, '/') ? mem_text(path) : mem_format("./%s", path);
}

static enum err_code open_library(struct plugin *p, const char *path,
                                  const struct plugin_kind *kind, struct err *e) {
    char *file = file_of(path);
    struct err unreadable;
    int fd;
    const bool readable = file_open(&fd, file, &unreadable) == ERR_OK; /* dlopen waits at a pipe */
    if (readable) {
        close(fd);
        p->library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    }
    free(file);
    if (!p->library)
        return err_set(e, ERR_USAGE, "the %s %.200s cannot be loaded: %s", kind->what, p->shown,
                       readable ? dlerror() : unreadable.message);
    p->exported = dlsym(p->library, kind->symbol);
    if (!p->exported)
        return err_set(e, ERR_USAGE, "%.200s has no \"const struct %s %s\"; see %s", p->shown,
                       kind->symbol, kind->symbol, kind->header);
    return ERR_OK;
}

static enum err_code check_version(const struct plugin *p, const struct plugin_kind *kind,
                                   struct err *e) {
    uint32_t head[2];
    memcpy(head, p->exported, sizeof head);
    if (head[0] != kind->abi)
        return err_set(e, ERR_USAGE,
                       "%.200s is for version %u of %s, this program has version %u: build it anew",
                       p->shown, head[0], kind->header, kind->abi);
    if (head[1] != kind->size)
        return err_set(e, ERR_USAGE,
                       "%.200s: its %s has %u bytes, not %zu: build it anew with this program's %s",
                       p->shown, kind->symbol, head[1], kind->size, kind->header);
    return ERR_OK;
}

enum err_code plugin_load(const char *path, const struct plugin_kind *kind,
                          enum err_code (*add)(const struct plugin *p, struct err *e),
                          struct err *e) {
    struct plugin p = {.shown = text_sanitise(path, strlen(path), false)};
    enum err_code code = open_library(&p, path, kind, e);
    if (code)
        goto out;
    code = check_version(&p, kind, e);
    if (code)
        goto out;
    code = add(&p, e);
out:
    if (p.library && code)
        dlclose(p.library);
    free(p.shown);
    return code;
}

static bool good_name(const char *name) {
    size_t n = name ? strlen(name) : 0, good = 0;
    while (good < n && (isalnum((unsigned char)name[good]) || name[good] == '_'))
        good++;
    return n > 0 && n <= LONGEST_NAME && good == n && !isdigit((unsigned char)*name);
}

enum err_code plugin_check_name(const struct plugin *p, const struct plugin_kind *kind,
                                const char *name, struct err *e) {
    if (good_name(name))
        return ERR_OK;
    return err_set(e, ERR_USAGE,
                   "%.200s: the name of its %s has 1 to %d letters, digits and \"_\", and begins "
                   "with no digit",
                   p->shown, kind->what, LONGEST_NAME);
}

static struct option_decl option_of(const struct plugin_option *o) {
    return (struct option_decl){.name = o->name,
                                .type = OPTION_FLOAT,
                                .default_value = mem_format("%.17g", o->default_value),
                                .minimum = o->minimum,
                                .maximum = o->maximum,
                                .help = plugin_text(o->help, "")};
}

enum err_code plugin_options(const struct option_decl **out, const struct plugin *p,
                             const char *name, const struct plugin_option *options, size_t n,
                             struct err *e) {
    *out = NULL;
    for (size_t i = 0; i < n; i++)
        if (!good_name(options[i].name) || !(options[i].minimum <= options[i].default_value &&
                                             options[i].default_value <= options[i].maximum))
            return err_set(e, ERR_USAGE,
                           "%.200s: option %zu of %s has no good name, or a default outside its "
                           "range",
                           p->shown, i + 1, name);
    struct option_decl *made = mem_alloc(n * sizeof *made);
    for (size_t i = 0; i < n; i++)
        made[i] = option_of(&options[i]);
    *out = made;
    return ERR_OK;
}

const char *plugin_text(const char *text, const char *otherwise) {
    return text ? text : otherwise;
}
