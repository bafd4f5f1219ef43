/*
 * From raw scores to what a person sees: reduce trailing dimensions, choose layers and heads,
 * normalise or rescale. The screen, the HTML page, the table and --aggregate_output all show what
 * this yields. Pure functions on plain data. Any thread. Reference: Inseq 0.7.1,
 * inseq/data/aggregator.py and aggregation_functions.py.
 */
#ifndef TINSEQ_AGGREGATORS_AGGREGATE_H
#define TINSEQ_AGGREGATORS_AGGREGATE_H

#include "aggregators/aggregator.h"
#include "backend/base/err.h"
#include "methods/result/attribution.h"

#include <stdbool.h>
#include <stddef.h>

/* Which entries of a dimension take part. One: picks it, dimension vanishes. Range [from, to).
 * List. All: every entry. */
enum select_kind { SELECT_ALL, SELECT_ONE, SELECT_RANGE, SELECT_LIST };
struct selection {
    enum select_kind kind;
    int64_t from, to;
    const int64_t *list;
    size_t n_list;
};

/* One step: reduce the last dimension beyond rows and columns. A negative index counts from the
 * end. aggregator NULL: Inseq's default for the sequence's class (vnorm for granular, else mean).
 * SELECT_ONE picks its entry and applies no aggregator, as in Inseq. */
struct aggregate_step {
    const struct aggregator_decl *aggregator;
    struct selection select;
    double argument; /* vnorm order, 0: 2 */
};

struct aggregate_spec {
    bool by_class; /* true: Inseq's default for the sequence's class; steps are ignored */
    /* of [.., L, H]: applied first; of [.., D]: applied to D (as `width`) */
    struct aggregate_step heads;
    struct aggregate_step layers; /* of [.., L(, H)] */
    struct aggregate_step width;  /* of [.., D] */
    bool normalize; /* L1 over source and target rows of a column together, after each step as in
                       Inseq */
    bool rescale;   /* divide all by the largest magnitude; excludes normalize */
};
/* The defaults of Inseq's show() for every class: vnorm over D, mean over heads and layers,
 * normalised; Coarse as is. */
struct aggregate_spec aggregate_defaults(void);

/* Every element's range over both sides, NaN apart: what a colour scale needs. All zero when there
 * is none. */
struct aggregate_range {
    float minimum, maximum, magnitude /* largest |value| */;
    bool any_negative;
};
struct aggregate_range aggregate_range_of(const struct attribution_sequence *s);

/* Steps from left to right, each on the last dimension that is left; normalised or rescaled after
 * each step as Inseq does. Dimensions that no step reduced stay (and with them the class). Steps
 * beyond the dimensions are an error. `out` needs no initialisation; dispose it. */
enum err_code aggregate_pipeline(struct attribution_sequence *out,
                                 const struct attribution_sequence *in,
                                 const struct aggregate_step *steps, size_t n_steps, bool normalize,
                                 bool rescale, struct err *e) ERR_CHECKED;

/* A new sequence with [rows, G] scores, tokens and step scores copied, NaN where NaN was. Also
 * works on a sequence under way (columns not done stay NaN). Its class is coarse, so that
 * aggregating or showing it again (here or in Inseq) changes nothing. Errors: SHAPE for a selection
 * outside the dimension or duplicates, USAGE for normalize and rescale together, NOMEM. */
enum err_code aggregate_sequence(struct attribution_sequence *out,
                                 const struct attribution_sequence *in,
                                 const struct aggregate_spec *spec, struct err *e) ERR_CHECKED;

#endif
