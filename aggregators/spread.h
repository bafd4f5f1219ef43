/* Scores of merged tokens back at the tokens themselves. Any thread. */
#ifndef TINSEQ_AGGREGATORS_SPREAD_H
#define TINSEQ_AGGREGATORS_SPREAD_H

#include "aggregators/grouping.h"
#include "backend/base/err.h"
#include "methods/result/attribution.h"

/* `s` [rows, G] becomes of the tokens of `raw` again: each has the score of what it was merged
 * into, and NaN where that was left out. `made` is what its context collected. Errors: NOMEM. */
enum err_code spread_tokens(struct attribution_sequence *s, const struct attribution_sequence *raw,
                            const struct grouping *made, struct err *e) ERR_CHECKED;

#endif
