/* The last dimension beyond rows and columns becomes one number. Any thread. */
#ifndef TINSEQ_AGGREGATORS_REDUCE_H
#define TINSEQ_AGGREGATORS_REDUCE_H

#include "aggregators/function.h"
#include "aggregators/selection.h"
#include "methods/result/attribution.h"

struct reduction {
    const struct aggregate_function *function; /* NULL: the class's own */
    struct selection select;
    double order;
};

/* Dimensions beyond rows and columns: 0 where there are no scores. */
int reduce_dimensions(const struct attribution_sequence *s);
/* The two sides must agree in everything but rows, or there is no common column. ERR_SHAPE. */
enum err_code reduce_check_sides(const struct attribution_sequence *s, struct err *e) ERR_CHECKED;
/* Reduces both sides and the sequence's scores in place. The class's own function is the vector
 * norm of a width and the mean of layers and heads, whatever ran before. What has no dimension left
 * is coarse, and layers whose width is gone are multi-dimensional. Errors: SHAPE, NOMEM. */
enum err_code reduce_last(struct attribution_sequence *s, const struct reduction *r,
                          struct err *e) ERR_CHECKED;

#endif
