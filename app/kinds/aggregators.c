#include "aggregators/registry.h"

#include "app/kinds/kind.h"

static void list(struct kind_items *out) {
    size_t n;
    const struct aggregator *const *all = aggregators(&n);
    for (size_t i = 0; i < n; i++)
        kind_items_add(out, all[i]->id, NULL, "%s", all[i]->summary);
}

static bool explain(struct explanation *x, const char *name) {
    const struct aggregator *g = aggregator_find(name);
    if (!g)
        return false;
    explanation_begin(x, g->id, g->title, g->summary);
    explanation_add(x, "function", g->function ? g->function : "none");
    x->options = g->options;
    x->n_options = g->n_options;
    x->options_of = "--aggregation_kwargs";
    return true;
}

const struct kind kind_aggregators = {
    .id = "aggregators",
    .one = "an aggregator",
    .summary = "stages from raw scores to what is shown (--attribution_aggregators)",
    .value = "AGGREGATOR",
    .note = "By itself a function (tinseq list functions) stands for scores with it.",
    .list = list,
    .explain = explain,
};
