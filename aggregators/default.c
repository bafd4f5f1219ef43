/* What Inseq's show() does with each class of scores: the vector norm of a width, the mean of heads
 * and of layers, columns normalised after each; scores per token stay as they are, unless scaling
 * is asked for. */
#include "aggregators/aggregator.h"
#include "aggregators/reduce.h"
#include "aggregators/scale.h"

/* Scores per token are scaled only where that was asked for. */
static enum err_code apply(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e) {
    struct reduction r = {0};
    const enum scaling how = scaling_of(c->options);
    enum err_code code = aggregate_order(&r.order, c->options, e);
    if (code)
        return code;
    if (reduce_dimensions(s) == 0)
        return option_given(c->options, "normalize") || option_given(c->options, "rescale")
                   ? scale_scores(s, how, e)
                   : ERR_OK;
    while (reduce_dimensions(s) > 0 && !code) {
        code = reduce_last(s, &r, e);
        if (!code)
            code = scale_scores(s, how, e);
    }
    return code;
}

static enum err_code check(const struct option_set *set, struct err *e) {
    double order;
    enum err_code code = scaling_check(set, e);
    return code ? code : aggregate_order(&order, set, e);
}

static const struct option_decl options[] = {
    OPTION_ORDER,
    OPTION_NORMALIZE("true"),
    OPTION_RESCALE,
};

const struct aggregator aggregator_default = {
    .id = "default",
    .title = "As usual",
    .summary = "What is shown where nothing is asked for: the vector norm of a width, the mean of "
               "heads, then of layers, columns normalised after each. Scores per token stay as "
               "they are.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .check = check,
    .apply = apply,
};
