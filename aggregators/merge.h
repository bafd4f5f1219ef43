/*
 * Several tokens become one row and one column: all of a sequence by one grouping. Any thread.
 * Reference: Inseq 0.7.1, inseq/data/aggregator.py, ContiguousSpanAggregator.
 */
#ifndef TINSEQ_AGGREGATORS_MERGE_H
#define TINSEQ_AGGREGATORS_MERGE_H

#include "aggregators/aggregator.h"

/* Options of whoever merges. */
#define OPTION_SPAN_RULES                                                                          \
    {                                                                                              \
        .name = "span_rules", .type = OPTION_JSON,                                                 \
        .help = "How step scores merge, {\"NAME\": \"sum\"}: sum, prod, absmax or another "        \
                "function. Where nothing is said: as the step function declares, else absmax."     \
    }
#define OPTION_SIDE(side, text)                                                                    \
    { .name = side, .type = OPTION_BOOL, .default_value = "true", .help = text }
#define OPTION_PUNCTUATION                                                                         \
    {                                                                                              \
        .name = "punctuation", .type = OPTION_CHOICE, .default_value = "joined",                   \
        .choices = merge_punctuation,                                                              \
        .help = "Punctuation at a word's ends: joined to it, or apart."                            \
    }
extern const char *const merge_punctuation[];

/* In place. Columns are merged first, then rows. A cell that no step could see yet (a token's score
 * for one that was written before it) is left out, where Inseq makes the whole cell NaN, so that a
 * sum keeps its mass; a score that could not be computed makes its cell NaN. A column one of whose
 * tokens is not finished is not finished. Target spans over attr_pos_start: the row has all of it,
 * the column its generated part. Merged tokens have the id −1 and no candidates. NULL function:
 * absmax. Errors: USAGE (rules), NOMEM. */
enum err_code merge_tokens(struct attribution_sequence *s, const struct grouping *g,
                           const struct aggregate_call *c, struct err *e) ERR_CHECKED;
/* The same, a row and a column beginning at each token where it is true: source [S], target [T].
 * NULL: at every token. */
enum err_code merge_begins(struct attribution_sequence *s, const bool *source, const bool *target,
                           const struct aggregate_call *c, struct err *e) ERR_CHECKED;
/* The options that all who merge take, before there is a sequence. ERR_USAGE. */
enum err_code merge_check(const struct option_set *options, struct err *e) ERR_CHECKED;
/* A result without a source of its own has the prompt's tokens as its source. */
bool merge_source_is_prompt(const struct attribution_sequence *s);

#endif
