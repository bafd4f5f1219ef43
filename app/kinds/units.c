#include "aggregators/unit_list.h"

#include "app/kinds/kind.h"

static void list(struct kind_items *out) {
    size_t n;
    const struct unit *const *all = units(&n);
    for (size_t i = 0; i < n; i++)
        kind_items_add(out, all[i]->id, NULL, "%s", all[i]->summary);
}

static bool explain(struct explanation *x, const char *name) {
    const struct unit *u = unit_find(name);
    return u && explanation_begin(x, u->id, u->title, u->summary);
}

const struct kind kind_units = {
    .id = "units",
    .one = "a unit (--unit)",
    .summary = "what a row or column can stand for (--unit)",
    .value = "UNIT",
    .list = list,
    .explain = explain,
};
