#include "backend/discovery/hub.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ENTRIES 5000 /* of one folder */

/* huggingface_hub's order: HF_HUB_CACHE, HF_HOME/hub, XDG_CACHE_HOME/huggingface/hub. */
char *hub_folder(void) {
    static const char *const direct[] = {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"};
    for (size_t i = 0; i < sizeof direct / sizeof *direct; i++)
        if (getenv(direct[i]) && *getenv(direct[i]))
            return mem_text(getenv(direct[i]));
    const char *home = getenv("HF_HOME"), *cache = getenv("XDG_CACHE_HOME");
    if (home && *home)
        return file_join(home, "hub");
    return cache && *cache ? file_join(cache, "huggingface/hub")
                           : file_home(".cache/huggingface/hub");
}

/* Nothing that leaves the folder which it is joined to. */
static bool stays_inside(const char *name) {
    return *name && *name != '/' && !strstr(name, "..");
}

/* The commit that refs/NAME holds; NULL: there is none. Owned by the caller. */
static char *commit_of(const char *repository, const char *name) {
    char *refs = file_join(repository, "refs"), *path = file_join(refs, name), *text = NULL;
    size_t n;
    if (file_read(&text, &n, path, 256, NULL) == ERR_OK)
        while (n > 0 && isspace((unsigned char)text[n - 1]))
            text[--n] = '\0';
    if (text && (!stays_inside(text) || strchr(text, '/'))) {
        free(text);
        text = NULL;
    }
    free(refs);
    free(path);
    return text;
}

/* snapshots/NAME where that is a folder. */
static char *folder_of(const char *snapshots, const char *name) {
    char *path = file_join(snapshots, name);
    if (file_is_folder(path))
        return path;
    free(path);
    return NULL;
}

char *hub_snapshot(const char *repository, const char *revision) {
    if (revision && !stays_inside(revision))
        return NULL;
    char *snapshots = file_join(repository, "snapshots"), *found = NULL,
         *commit = commit_of(repository, revision ? revision : "main");
    if (commit)
        found = folder_of(snapshots, commit);
    if (!found && revision)
        found = folder_of(snapshots, revision);
    if (!found && !revision) {
        struct file_names all = file_list(snapshots, MAX_ENTRIES);
        found = all.n ? file_join(snapshots, all.items[all.n - 1]) : NULL;
        file_names_dispose(&all);
    }
    free(snapshots);
    free(commit);
    return found;
}

char *hub_name(const char *entry) {
    if (strncmp(entry, "models--", 8) != 0)
        return NULL;
    char *name = mem_text(entry + 8), *dashes = strstr(name, "--");
    if (dashes) {
        *dashes = '/';
        memmove(dashes + 1, dashes + 2, strlen(dashes + 2) + 1);
    }
    return name;
}

char *hub_find(const char *name, const char *revision) {
    char *hub = hub_folder(), *repository = mem_format("%s/models--%s", hub, name), *found = NULL;
    char *slash = strchr(repository + strlen(hub) + 1, '/');
    if (slash) { /* org/name → org--name */
        char *rest = mem_text(slash + 1);
        *slash = '\0';
        mem_replace(&repository, mem_format("%s--%s", repository, rest));
        free(rest);
    }
    if (stays_inside(name))
        found = hub_snapshot(repository, revision);
    free(hub);
    free(repository);
    return found;
}
