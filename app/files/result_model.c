#include "app/files/result_model.h"

#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/discovery.h"

#include <stdlib.h>
#include <string.h>

/* The last part of its path or name, in the result's folder; NULL: there can be none. */
static char *beside(const struct result_info *info, const char *file) {
    const char *name = info->model_path ? info->model_path : info->model_name;
    if (!name || !file)
        return NULL;
    const char *slash = strrchr(name, '/'), *leaf = slash ? slash + 1 : name;
    char *folder = file_folder(file), *path = *leaf ? file_join(folder, leaf) : NULL;
    free(folder);
    return path;
}

static bool is_there(const char *candidate) {
    char *path = NULL;
    struct err ignored;
    const bool found =
        candidate && *candidate && model_resolve(&path, candidate, &ignored) == ERR_OK;
    free(path);
    return found;
}

char *result_model(const struct result_info *info, const char *file) {
    char *near = beside(info, file);
    /* A name in the list may be another model's than one that was given by its path. */
    const char *candidates[] = {info->model_path, info->model_path ? near : info->model_name,
                                info->model_path ? info->model_name : near};
    char *found = NULL;
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates && !found; i++)
        found = is_there(candidates[i]) ? mem_text(candidates[i]) : NULL;
    free(near);
    return found;
}
