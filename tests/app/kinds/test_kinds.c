/* The table of kinds: what every row holds to. What each says is tested as a whole program. */
#include "app/kinds/kinds.h"

#include "app/cli/subcommands.h"
#include "backend/base/text.h"

#include <criterion/criterion.h>

#include <string.h>

Test(kinds, every_name_is_unique_and_explained_as_it_is_listed) {
    size_t n;
    const struct kind *const *all = kinds(&n);
    for (size_t k = 0; k < n; k++) {
        struct kind_items items = {0};
        all[k]->list(&items);
        cr_expect(items.n || strcmp(all[k]->id, "models") == 0, "there is none of %s", all[k]->id);
        for (size_t i = 0; i < items.n; i++) {
            struct explanation x = {0};
            cr_expect(all[k]->explain(&x, items.items[i].id), "%s", items.items[i].id);
            cr_expect(text_same(x.id, items.items[i].id), "%s, not %s", x.id, items.items[i].id);
            cr_expect(x.rules || x.n_lines || x.summary, "%s: nothing is said", x.id);
            cr_expect(*items.items[i].text);
            for (size_t j = 0; j < i; j++)
                cr_expect_str_neq(items.items[i].id, items.items[j].id);
            explanation_dispose(&x);
        }
        kind_items_dispose(&items);
        struct explanation none = {0};
        cr_expect_not(all[k]->explain(&none, "no such thing"));
        cr_expect_not(all[k]->explain(&none, ""));
        cr_expect_null(none.id);
    }
}

struct wanted {
    const char *value;
    bool found;
};

static void look(void *user, const char *group, const struct cli_option *o) {
    struct wanted *w = user;
    const char *at = o->value ? strstr(o->value, w->value) : NULL;
    (void)group;
    w->found |= at != NULL;
}

/* What a kind's things are called is what some option takes: else its completion would never be
 * asked for. */
Test(kinds, what_one_is_called_is_what_an_option_takes) {
    size_t n;
    const struct kind *const *all = kinds(&n);
    for (size_t k = 0; k < n; k++) {
        struct wanted w = {.value = all[k]->value, .found = !all[k]->value};
        if (w.value)
            cli_each_option((enum cli_command) ~0, look, &w);
        cr_expect(w.found, "no option takes %s", all[k]->value);
    }
}
