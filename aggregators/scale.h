/* Scores against each other: columns, or the largest. In place. Any thread. Reference: Inseq 0.7.1,
 * inseq/utils/torch_utils.py, normalize and rescale. */
#ifndef TINSEQ_AGGREGATORS_SCALE_H
#define TINSEQ_AGGREGATORS_SCALE_H

#include "backend/base/err.h"
#include "methods/declare/options.h"
#include "methods/result/attribution.h"

enum scaling { SCALE_NONE, SCALE_COLUMNS, SCALE_LARGEST };

/* Options of whoever scales. */
#define OPTION_NORMALIZE(on)                                                                       \
    {                                                                                              \
        .name = "normalize", .type = OPTION_BOOL, .default_value = on,                             \
        .help = "Every column then sums to 1 in magnitude."                                        \
    }
#define OPTION_RESCALE                                                                             \
    {                                                                                              \
        .name = "rescale", .type = OPTION_BOOL, .default_value = "false",                          \
        .help = "The largest magnitude is then 1."                                                 \
    }
/* ERR_USAGE: both are asked for. */
enum err_code scaling_check(const struct option_set *options, struct err *e) ERR_CHECKED;
enum scaling scaling_of(const struct option_set *options);

/* COLUMNS: each column (and layer, head that is left) sums to 1 in magnitude over source and target
 * rows together, with a floor of 1e-12; NaN stays and counts as 0. LARGEST: all is divided by the
 * largest magnitude; all zero stays all zero, where Inseq divides 0 by 0. Errors: NOMEM. */
enum err_code scale_scores(struct attribution_sequence *s, enum scaling how,
                           struct err *e) ERR_CHECKED;

#endif
