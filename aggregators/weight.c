/* Each column times its step score: Inseq's weight_attributions. Scores with more dimensions are
 * weighted as they are, where Inseq aggregates first: its order is `default weight`, which
 * --weight_attributions stands for. */
#include "aggregators/aggregator.h"

#include <string.h>

static void weight(struct scores *s, const float *weights) {
    const int64_t cell = scores_cell(s), n = scores_count(s);
    for (int64_t i = 0; i < n; i++)
        s->data[i] *= weights[i / cell % s->dims[1]];
}

static enum err_code unknown_score(const struct attribution_sequence *s, const char *name,
                                   struct err *e) {
    struct text_buffer b = {0};
    for (size_t i = 0; i < s->n_step_scores; i++)
        text_buffer_format(&b, "%s%s", i ? ", " : "", s->step_scores[i].name);
    enum err_code code =
        err_set(e, ERR_USAGE, "there are no step scores \"%.80s\" to weight by; there are %.200s",
                name, b.n ? b.text : "none: --step_scores asks for them");
    text_buffer_dispose(&b);
    return code;
}

static enum err_code apply(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e) {
    const char *name = option_text(c->options, "step_score");
    const struct scores *weights = attribution_find_step_scores(s, name);
    if (!weights)
        return unknown_score(s, name, e);
    if (scores_count(weights) != attribution_steps(s))
        return err_set(e, ERR_SHAPE, "the step scores \"%.80s\" are not one for each column", name);
    if (!s->source_attributions.data && !s->target_attributions.data)
        aggregate_notice(c->context, "There are no attributions here that \"%.80s\" could weight.",
                         name);
    weight(&s->source_attributions, weights->data);
    weight(&s->target_attributions, weights->data);
    return ERR_OK;
}

static enum err_code check(const struct option_set *options, struct err *e) {
    if (!option_text(options, "step_score"))
        return err_set(e, ERR_USAGE, "weight needs the name of step scores: step_score");
    return ERR_OK;
}

static const struct option_decl options[] = {
    {.name = "step_score", .type = OPTION_TEXT, .help = "By which step scores."},
};

const struct aggregator aggregator_weight = {
    .id = "weight",
    .title = "Weight",
    .summary = "Multiplies each column by its step score. --weight_attributions NAME aggregates as "
               "usual first, as Inseq does.",
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .check = check,
    .apply = apply,
};
