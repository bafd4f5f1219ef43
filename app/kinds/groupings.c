/* What `tinseq stats` can group by. */
#include "app/kinds/kind.h"
#include "app/statistics/keys.h"

#include <string.h>

static void list(struct kind_items *out) {
    for (size_t i = 0; i < STATS_KEYS; i++) {
        const struct stats_key *k = stats_key((enum stats_key_id)i);
        kind_items_add(out, k->name, NULL, "%s", k->summary);
    }
}

static bool explain(struct explanation *x, const char *name) {
    for (size_t i = 0; i < STATS_KEYS; i++) {
        const struct stats_key *k = stats_key((enum stats_key_id)i);
        if (strcmp(k->name, name) == 0)
            return explanation_begin(x, k->name, NULL, k->summary);
    }
    return false;
}

const struct kind kind_groupings = {
    .id = "groupings",
    .one = "a grouping (--by)",
    .summary = "what 'tinseq stats' groups scores by (--by)",
    .value = "GROUPING",
    .list = list,
    .explain = explain,
};
