#include "app/kinds/kind.h"

#include "methods/describe.h"

#include <stdlib.h>

/* By family, in the order of menus. */
static void list(struct kind_items *out) {
    static const struct {
        enum method_family family;
        const char *title;
    } families[] = {{FAMILY_GRADIENT, "Gradients"},
                    {FAMILY_INTERNALS, "The model's internals"},
                    {FAMILY_PERTURBATION, "Perturbation"},
                    {FAMILY_NONE, "Other"}};
    size_t n;
    const struct method_decl *const *all = method_decls(&n);
    for (size_t k = 0; k < sizeof families / sizeof *families; k++)
        for (size_t i = 0; i < n; i++)
            if (all[i]->family == families[k].family)
                kind_items_add(out, all[i]->id, families[k].title, "%s", all[i]->summary);
}

static bool explain(struct explanation *x, const char *name) {
    const struct method_decl *m = method_decl_find(name);
    if (!m)
        return false;
    char *cost = describe_cost(m->id);
    explanation_begin(x, m->id, m->title, m->summary);
    explanation_add(x, "family", describe_family(m->family));
    explanation_add(x, "scores", describe_axes(m->axes));
    explanation_add(x, "needs", describe_needs(m));
    explanation_add(x, "cost", cost);
    explanation_add(x, "paper", m->paper);
    explanation_add(x, "reference", m->reference);
    x->options = m->options;
    x->n_options = m->n_options;
    x->options_of = "--attribution_kwargs";
    free(cost);
    return true;
}

const struct kind kind_methods = {
    .id = "methods",
    .one = "an attribution method",
    .summary = "how scores are computed (-a)",
    .value = "METHOD",
    .list = list,
    .explain = explain,
};
