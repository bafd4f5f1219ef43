/* What a regular expression splits, over the text that the tokens stand for. */
#include "aggregators/text/split_begins.h"
#include "aggregators/text/unit.h"

static enum err_code begins(bool *begins, struct unit_found *found, const struct token_list *list,
                            const struct unit_call *c, struct err *e) {
    if (!c->pattern)
        return err_set(e, ERR_USAGE,
                       "the unit regex needs an expression: --aggregation_kwargs "
                       "'{\"split_pattern\": \"[,;] \"}'");
    return split_begins(begins, &found->any, list, c->pattern, split_mode_of(c->mode), false, e);
}

const struct unit unit_regex = {
    .id = "regex",
    .title = "A regular expression",
    .summary = "What the matches of split_pattern part, over the text itself (the aggregator split "
               "looks at the vocabulary's pieces).",
    .begins = begins,
};
