#include "app/kinds/kind.h"

#include <string.h>

static void list(struct kind_items *out) {
    size_t n;
    const struct step_function_decl *const *all = step_function_decls(&n);
    for (size_t i = 0; i < n; i++)
        kind_items_add(out, all[i]->id, NULL, "%s%s", all[i]->formula,
                       all[i]->contrastive ? " (contrast)" : "");
}

/* How the step scores of tokens that become one merge. */
static const char *merges_by(const struct step_function_decl *f) {
    if (!f->span || strcmp(f->span, "absmax") == 0)
        return "over merged tokens (--unit) the largest magnitude, or as --span_rule says";
    return strcmp(f->span, "sum") == 0
               ? "over merged tokens (--unit) the sum, or as --span_rule says"
               : "over merged tokens (--unit) the product, or as --span_rule says";
}

static bool explain(struct explanation *x, const char *name) {
    const struct step_function_decl *f = step_function_decl_find(name);
    if (!f)
        return false;
    explanation_begin(x, f->id, f->title, f->summary);
    explanation_add(x, "formula", f->formula);
    explanation_add(x, "unit", f->unit);
    explanation_add(x, "looks at", f->sees);
    explanation_add(x, "merges", merges_by(f));
    if (f->contrastive)
        explanation_add(x, "contrast",
                        "compares with --contrast_targets; tinseq explain alignments");
    explanation_add(x, "target",
                    f->can_be_target ? "can be explained (-fn) and reported (--step_scores)"
                                     : "can only be reported (--step_scores)");
    x->options = f->options;
    x->n_options = f->n_options;
    x->options_of = "--attribution_kwargs";
    return true;
}

const struct kind kind_step_functions = {
    .id = "step_functions",
    .one = "a step function",
    .summary = "what of a step is explained (-fn) or reported (--step_scores)",
    .value = "STEP_FUNCTION",
    .list = list,
    .explain = explain,
};
