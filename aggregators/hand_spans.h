/* Spans of tokens as a person gives them: source_spans and target_spans. Any thread. */
#ifndef TINSEQ_AGGREGATORS_HAND_SPANS_H
#define TINSEQ_AGGREGATORS_HAND_SPANS_H

#include "aggregators/aggregator.h"

#define OPTION_SPANS(side, text)                                                                   \
    {                                                                                              \
        .name = side, .type = OPTION_JSON,                                                         \
        .help = text " [from, to] or a list of such, the end "                                     \
                     "exclusive, in ascending order."                                              \
    }

/* The rows of a side with n tokens that has these spans, which may be none. `always`: the first
 * token of the text, whose rows are its columns' too; n on the source's side. */
typedef struct partition hand_spans_rows(const struct partition *spans, size_t n, size_t always);

/* Merges by the options source_spans and target_spans: [a, b] or a list of such. A side without is
 * kept whole. ERR_USAGE says what is wrong with a span (empty, not ascending, overlapping,
 * outside), or that the result has no source. Other errors: as merge_tokens. */
enum err_code hand_spans_merge(struct attribution_sequence *s, const struct aggregate_call *c,
                               hand_spans_rows *rows, struct err *e) ERR_CHECKED;
/* The spans of an option, of a side with n tokens; to be disposed also on failure. ERR_USAGE. */
enum err_code hand_spans_read(struct partition *out, const struct option_set *options,
                              const char *name, size_t n, struct err *e) ERR_CHECKED;
/* At least one of the two options is given, and both are spans. ERR_USAGE. */
enum err_code hand_spans_check(const struct option_set *options, const char *id,
                               struct err *e) ERR_CHECKED;

#endif
