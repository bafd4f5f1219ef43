/* All but special tokens: rows and columns of beginnings, ends and languages are left out. Our own;
 * nothing of their scores goes to others. */
#include "aggregators/aggregator.h"

#include "aggregators/merge.h"
#include "aggregators/text/words.h"

static struct partition kept_of(const struct token_list *list, int64_t from, int64_t to) {
    struct partition p = {0};
    for (int64_t i = from; i < to; i++)
        if (!word_stands_alone(&list->items[i]))
            partition_add(&p, i, i + 1);
    return p;
}

/* A text of special tokens alone keeps its columns: there is nothing else to explain. */
static bool explains_none(const struct attribution_sequence *s) {
    const struct partition p = kept_of(&s->target, s->attr_pos_start, s->attr_pos_end);
    struct partition columns = p;
    partition_dispose(&columns);
    return p.n == 0;
}

static enum err_code apply(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e) {
    const bool none = explains_none(s);
    struct grouping g = {.source = kept_of(&s->source, 0, (int64_t)s->source.n),
                         .target = kept_of(&s->target, 0, (int64_t)s->target.n)};
    for (int64_t i = s->attr_pos_start; none && i < s->attr_pos_end; i++)
        partition_unite(&g.target, i, i + 1);
    const enum err_code code = merge_tokens(s, &g, c, e);
    grouping_dispose(&g);
    return code;
}

static const struct option_decl options[] = {OPTION_ORDER};

const struct aggregator aggregator_without_special = {
    .id = "without_special",
    .title = "Without special tokens",
    .summary = "Leaves out rows and columns of special tokens: beginnings, ends, languages.",
    .changes_tokens = true,
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .apply = apply,
};
