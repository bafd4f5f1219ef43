#include "views/export/exports.h"

#include "backend/base/text.h"

#include <stdlib.h>
#include <string.h>

#define X(name) extern const struct export export_##name;
#include "views/export/exports.def"
#undef X

static const struct export *const all[] = {
#define X(name) &export_##name,
#include "views/export/exports.def"
#undef X
};
#define N_ALL (sizeof all / sizeof *all)

const struct export *const *export_list(size_t *n) {
    *n = N_ALL;
    return all;
}

const struct export *export_find(const char *id) {
    for (size_t i = 0; i < N_ALL; i++)
        if (strcmp(all[i]->id, id) == 0)
            return all[i];
    return NULL;
}

/* Appends a format's endings to those that are there. */
static void add_endings(struct text_buffer *b, const struct export *x) {
    for (size_t k = 0; k < EXPORT_MAX_ENDINGS && x->endings[k]; k++)
        text_buffer_format(b, "%s%s", b->n ? ", " : "", x->endings[k]);
}

char *export_endings(const struct export *x) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < N_ALL; i++)
        if (!x || x == all[i])
            add_endings(&b, all[i]);
    return text_buffer_take(&b);
}

static bool ends_as(const char *path, const struct export *x) {
    for (size_t k = 0; k < EXPORT_MAX_ENDINGS && x->endings[k]; k++)
        if (text_ends_with(path, x->endings[k]))
            return true;
    return false;
}

enum err_code export_of_path(const struct export **out, const char *path, struct err *e) {
    *out = NULL;
    for (size_t i = 0; i < N_ALL; i++)
        if (ends_as(path, all[i])) {
            *out = all[i];
            return ERR_OK;
        }
    char *endings = export_endings(NULL);
    enum err_code code =
        err_set(e, ERR_USAGE, "%.200s: a name must end in one of %s", path, endings);
    free(endings);
    return code;
}

const struct theme *export_theme_of_path(const char *path, const struct export *x) {
    char *end = mem_format(".dark%s", x->endings[0]);
    const bool dark = x->coloured && text_ends_with(path, end);
    free(end);
    return dark ? theme_find("dark") : NULL;
}
