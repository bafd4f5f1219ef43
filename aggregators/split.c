/* A regular expression over the joined pieces says where rows begin: Inseq's StringSplitAggregator.
 * Python's expressions and PCRE2's agree in all but rare corners. */
#include "aggregators/aggregator.h"

#include "aggregators/merge.h"
#include "aggregators/text/matches.h"
#include "aggregators/text/split_begins.h"
#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

static enum err_code split_side(bool *begins, const struct token_list *list, const char *side,
                                const struct aggregate_call *c, struct err *e) {
    const char *pattern = option_text(c->options, "split_pattern"),
               *mode = option_text(c->options, "split_mode");
    bool any = false;
    enum err_code code = split_begins(begins, &any, list, pattern, split_mode_of(mode), true, e);
    if (code || any)
        return code;
    memset(begins, true, list->n);
    aggregate_notice(c->context,
                     "\"%.80s\" matches nothing of the %s: its tokens stay as they are.", pattern,
                     side);
    return ERR_OK;
}

static enum err_code apply(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e) {
    const bool source = option_bool(c->options, "aggregate_source"),
               target = option_bool(c->options, "aggregate_target");
    bool *source_begins = mem_alloc(s->source.n), *target_begins = mem_alloc(s->target.n);
    enum err_code code = ERR_OK;
    if (source && !merge_source_is_prompt(s))
        code = split_side(source_begins, &s->source, "source", c, e);
    if (target && !code)
        code = split_side(target_begins, &s->target, "target", c, e);
    if (!code)
        code = merge_begins(s, source ? source_begins : NULL, target ? target_begins : NULL, c, e);
    free(source_begins);
    free(target_begins);
    return code;
}

static enum err_code check(const struct option_set *set, struct err *e) {
    const char *pattern = option_text(set, "split_pattern");
    if (!pattern)
        return err_set(e, ERR_USAGE,
                       "split needs a regular expression: --aggregation_kwargs "
                       "'{\"split_pattern\": \"[.!?]\"}'");
    enum err_code code = matches_check(pattern, e);
    return code ? code : merge_check(set, e);
}

static const struct option_decl options[] = {
    {.name = "split_pattern",
     .type = OPTION_TEXT,
     .help = "A regular expression (PCRE2) over the vocabulary's own pieces joined, as in "
             "\"Ġand|,\"."},
    {.name = "split_mode",
     .type = OPTION_CHOICE,
     .default_value = "single",
     .choices = split_modes,
     .help = "What matches is a row of its own, or joined to what follows (start) or precedes "
             "(end)."},
    OPTION_SIDE("aggregate_source", "The source is split."),
    OPTION_SIDE("aggregate_target", "The target is split, prompt and text."),
    OPTION_SPAN_RULES,
    OPTION_ORDER,
};

const struct aggregator aggregator_split = {
    .id = "split",
    .title = "Split",
    .summary = "Joins what lies between the matches of a regular expression.",
    .function = "the largest magnitude",
    .changes_tokens = true,
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .check = check,
    .apply = apply,
};
