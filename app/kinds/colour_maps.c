#include "app/kinds/kind.h"
#include "themes/theme.h"

static const char *range_of(const struct colour_map *m) {
    return m->diverging ? "diverging: for signed scores" : "sequential: for scores from 0";
}

static void list(struct kind_items *out) {
    size_t n;
    const struct colour_map *const *all = colour_map_list(&n);
    for (size_t i = 0; i < n; i++)
        kind_items_add(out, all[i]->id, NULL, "%s, %s", all[i]->title, range_of(all[i]));
}

static bool explain(struct explanation *x, const char *name) {
    const struct colour_map *m = colour_map_find(name);
    if (!m)
        return false;
    explanation_begin(x, m->id, m->title, NULL);
    explanation_add(x, "range", range_of(m));
    return true;
}

const struct kind kind_colour_maps = {
    .id = "colour_maps",
    .one = "a colour map (--colour_map)",
    .summary = "colours of scores (--colour_map)",
    .value = "MAP",
    .list = list,
    .explain = explain,
};
