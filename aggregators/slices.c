/* Some rows, and every column: Inseq's SliceAggregator. A side that is not named is kept whole,
 * where Inseq then keeps nothing of a translation's prefix, and positions are those of what is
 * left. */
#include "aggregators/hand_spans.h"
#include "aggregators/merge.h"

/* Each token of the spans is a row, and each from `always` on. */
static struct partition rows_of(const struct partition *spans, size_t n, size_t always) {
    struct partition p = {0};
    size_t i = 0;
    for (int64_t at = 0; at < (int64_t)n; at++) {
        while (i < spans->n && spans->items[i].to <= at)
            i++;
        if (at >= (int64_t)always || (i < spans->n && spans->items[i].from <= at))
            partition_add(&p, at, at + 1);
    }
    return p;
}

static enum err_code apply(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e) {
    return hand_spans_merge(s, c, rows_of, e);
}

static enum err_code check(const struct option_set *set, struct err *e) {
    return hand_spans_check(set, "slices", e);
}

static const struct option_decl options[] = {
    OPTION_SPANS("source_spans", "Source tokens that are kept:"),
    OPTION_SPANS("target_spans", "Tokens of the prompt that are kept, beside all of the text:"),
};

const struct aggregator aggregator_slices = {
    .id = "slices",
    .title = "Slices",
    .summary = "Keeps the rows of given spans, and every column with its own rows.",
    .changes_tokens = true,
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .check = check,
    .apply = apply,
};
