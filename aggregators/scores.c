/* One dimension beyond rows and columns becomes one number a cell: heads, layers, the width of an
 * embedding. Inseq's SequenceAttributionAggregator, but that its own function is the class's own,
 * where Inseq takes that of whatever class it saw before. */
#include "aggregators/aggregator.h"
#include "aggregators/reduce.h"
#include "aggregators/scale.h"

static enum err_code apply(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e) {
    struct reduction r = {.function = c->function};
    enum err_code code = ERR_OK;
    if (!s->source_attributions.data && !s->target_attributions.data)
        return ERR_OK;
    if (reduce_dimensions(s) < 1)
        return err_set(e, ERR_SHAPE, "the scores have no dimension beyond rows and columns%s",
                       s->class == ATTRIBUTION_COARSE ? ": nothing is left to aggregate" : "");
    code = selection_read(&r.select, option_text(c->options, "select_idx"), e);
    if (code)
        return code;
    code = aggregate_order(&r.order, c->options, e);
    if (code)
        goto out;
    code = reduce_last(s, &r, e);
    if (code)
        goto out;
    code = scale_scores(s, scaling_of(c->options), e);
out:
    selection_dispose(&r.select);
    return code;
}

static enum err_code check(const struct option_set *set, struct err *e) {
    struct selection select = {0};
    double order;
    enum err_code code = scaling_check(set, e);
    if (code)
        goto out;
    code = aggregate_order(&order, set, e);
    if (code)
        goto out;
    code = selection_read(&select, option_text(set, "select_idx"), e);
out:
    selection_dispose(&select);
    return code;
}

static const struct option_decl options[] = {
    {.name = "select_idx",
     .type = OPTION_JSON,
     .help = "Which entries take part: a number picks one, a list several, {\"range\": [a, b]} "
             "those from a to before b."},
    OPTION_ORDER,
    OPTION_NORMALIZE("false"),
    OPTION_RESCALE,
};

const struct aggregator aggregator_scores = {
    .id = "scores",
    .title = "Scores",
    .summary = "Makes one number of the last dimension beyond rows and columns: of heads, then of "
               "layers, or of an embedding's width. A function alone stands for it.",
    .function = "of a width its vector norm, of layers and heads the mean",
    .reduces = true,
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .check = check,
    .apply = apply,
};
