/* Tokens that are bytes of one character become one. Our own; Inseq leaves them apart. */
#include "aggregators/aggregator.h"

#include "aggregators/merge.h"
#include "aggregators/text/characters.h"
#include "backend/base/mem.h"

#include <stdlib.h>

static enum err_code apply(struct attribution_sequence *s, const struct aggregate_call *c,
                           struct err *e) {
    const bool prompt = merge_source_is_prompt(s);
    bool *source = mem_alloc((s->source.n + 1) * sizeof *source),
         *target = mem_alloc((s->target.n + 1) * sizeof *target);
    characters_begin(source, &s->source);
    characters_begin(target, &s->target);
    enum err_code code = merge_begins(s, prompt ? NULL : source, target, c, e);
    free(source);
    free(target);
    return code;
}

static const struct option_decl options[] = {OPTION_ORDER};

const struct aggregator aggregator_characters = {
    .id = "characters",
    .title = "Characters",
    .summary = "Joins tokens that are bytes of one character, such as the three of 茶.",
    .function = "absmax",
    .changes_tokens = true,
    .options = options,
    .n_options = sizeof options / sizeof *options,
    .apply = apply,
};
