#include "themes/theme.h"

#include "app/kinds/kind.h"

static void list(struct kind_items *out) {
    size_t n;
    const struct theme *const *all = theme_list(&n);
    for (size_t i = 0; i < n; i++)
        kind_items_add(out, all[i]->id, NULL, "%s", all[i]->title);
}

static bool explain(struct explanation *x, const char *name) {
    const struct theme *t = theme_find(name);
    if (!t)
        return false;
    explanation_begin(x, t->id, t->title, NULL);
    explanation_add(x, "background", t->dark ? "dark" : "light");
    explanation_add(x, "signed scores", t->diverging);
    explanation_add(x, "from 0", t->sequential);
    return true;
}

const struct kind kind_themes = {
    .id = "themes",
    .one = "a theme (--theme)",
    .summary = "colours of the program and of pictures (--theme)",
    .value = "THEME",
    .list = list,
    .explain = explain,
};
