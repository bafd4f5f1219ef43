#include "views/export/exports.h"

#include "app/kinds/kind.h"

#include <stdlib.h>
#include <string.h>

static void list(struct kind_items *out) {
    size_t n;
    const struct export *const *all = export_list(&n);
    for (size_t i = 0; i < n; i++) {
        char *endings = export_endings(all[i]);
        kind_items_add(out, all[i]->id, NULL, "%s: %s", endings, all[i]->help);
        free(endings);
    }
}

/* By its name or one of its endings, with or without the dot. */
static bool is_called(const struct export *x, const char *name) {
    bool called = strcmp(x->id, name) == 0;
    for (size_t k = 0; k < EXPORT_MAX_ENDINGS && x->endings[k] && !called; k++)
        called = strcmp(x->endings[k] + (*name != '.'), name) == 0;
    return called;
}

static bool explain(struct explanation *x, const char *name) {
    size_t n, i = 0;
    const struct export *const *all = export_list(&n);
    while (i < n && !is_called(all[i], name))
        i++;
    if (i == n)
        return false;
    char *endings = export_endings(all[i]);
    explanation_begin(x, all[i]->id, all[i]->title, all[i]->help);
    explanation_add(x, "endings", endings);
    explanation_add(x, "holds", all[i]->keeps_result ? "the result, as it is" : "what is shown");
    explanation_add(x, "colours", all[i]->coloured ? "of scores: --colour_map, --scale" : NULL);
    explanation_add(x, "package", all[i]->package);
    free(endings);
    return true;
}

const struct kind kind_exports = {
    .id = "exports",
    .one = "a format (--export)",
    .summary = "formats of files, by their endings (--export, tinseq convert)",
    .list = list,
    .explain = explain,
};
