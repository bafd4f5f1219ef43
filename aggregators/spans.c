/* Tokens of given spans become one: Inseq's ContiguousSpanAggregator. */
#include "aggregators/hand_spans.h"
#include "aggregators/merge.h"

/* The tokens between spans stay as they are. */
static struct partition filled(const struct partition *spans, size_t n, size_t always) {
    struct partition p = {0};
    int64_t at = 0;
    (void)always;
    for (size_t i = 0; i < spans->n; i++) {
        for (; at < spans->items[i].from; at++)
            partition_add(&p, at, at + 1);
        partition_add(&p, spans->items[i].from, spans->items[i].to);
        at = spans->items[i].to;
    }
    for (; at < (int64_t)n; at++)
        partition_add(&p, at, at + 1);
    return p;
}

static enum err_code apply(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e) {
    return hand_spans_merge(s, c, filled, e);
}

static enum err_code check(const struct option_set *set, struct err *e) {
    enum err_code code = hand_spans_check(set, "spans", e);
    return code ? code : merge_check(set, e);
}

static const struct option_decl options[] = {
    OPTION_SPANS("source_spans", "Source tokens that become one:"),
    OPTION_SPANS("target_spans", "Target tokens that become one, counted from the prompt's first:"),
    OPTION_SPAN_RULES,
    OPTION_ORDER,
};

const struct aggregator aggregator_spans = {
    .id = "spans",
    .title = "Spans",
    .summary = "Joins the tokens of given spans. Of a span over the start of the text the row has "
               "all of it, the column its generated part.",
    .function = "the largest magnitude",
    .changes_tokens = true,
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .check = check,
    .apply = apply,
};
