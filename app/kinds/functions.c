#include "aggregators/functions.h"

#include "app/kinds/kind.h"

static void list(struct kind_items *out) {
    size_t n;
    const struct aggregate_function *const *all = aggregate_functions(&n);
    for (size_t i = 0; i < n; i++)
        kind_items_add(out, all[i]->id, NULL, "%s: %s", all[i]->title, all[i]->formula);
}

static bool explain(struct explanation *x, const char *name) {
    const struct aggregate_function *f = aggregate_function_find(name);
    if (!f)
        return false;
    explanation_begin(x, f->id, f->title, NULL);
    explanation_add(x, "formula", f->formula);
    explanation_add(x, "signs", f->signed_result ? "kept" : "lost: the result is never negative");
    return true;
}

const struct kind kind_functions = {
    .id = "functions",
    .one = "an aggregation function",
    .summary = "how an aggregator makes one number of several (NAME:FUNCTION)",
    .value = "FUNCTION",
    .list = list,
    .explain = explain,
};
