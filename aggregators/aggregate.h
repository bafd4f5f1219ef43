/*
 * From raw scores to what a person sees: a pipeline is carried out. The screen, the HTML page, the
 * table and --aggregate_output all show what this yields. Pure functions on plain data. Any thread.
 * Reference: Inseq 0.7.1, inseq/data/aggregator.py and aggregation_functions.py.
 */
#ifndef TINSEQ_AGGREGATORS_AGGREGATE_H
#define TINSEQ_AGGREGATORS_AGGREGATE_H

#include "aggregators/pipeline.h"

/* Every element's range over both sides, NaN apart: what a colour scale needs. All zero when there
 * is none. */
struct aggregate_range {
    float minimum, maximum, magnitude /* largest |value| */;
    bool any_negative;
};
struct aggregate_range aggregate_range_of(const struct attribution_sequence *s);

/* A new sequence: `in` after every stage. Also works on a sequence under way (columns that are not
 * done stay NaN). An infinite score counts as one that could not be computed. `out` needs no
 * initialisation; dispose of it. `context` may be NULL. Errors: SHAPE (scores or a selection that
 * do not fit), USAGE (options that do not fit the tokens), NOMEM. */
enum err_code aggregate_sequence(struct attribution_sequence *out,
                                 const struct attribution_sequence *in, const struct pipeline *p,
                                 const struct aggregate_context *context,
                                 struct err *e) ERR_CHECKED;
/* The same by `default` alone: [rows, G] scores as Inseq's show() has them, of class coarse, so
 * that doing it again (here or in Inseq) changes nothing. */
enum err_code aggregate_default(struct attribution_sequence *out,
                                const struct attribution_sequence *in, struct err *e) ERR_CHECKED;
/* All sequences of a result, released by the caller. What it says of itself is kept, and the
 * pipeline and notices are added. `paired` is what `pair` compares with, or NULL, and
 * `paired_name` its name. */
enum err_code aggregate_result(struct attribution **out, const struct attribution *in,
                               const struct pipeline *p, const struct attribution *paired,
                               const char *paired_name, struct err *e) ERR_CHECKED;

#endif
