/* From the function's values at one column's masks to an order's curves, areas, comprehensiveness
 * and sufficiency, and how far random orders lie from each other. Internal to methods/evaluation/.
 */
#ifndef TINSEQ_METHODS_ORDER_NUMBERS_H
#define TINSEQ_METHODS_ORDER_NUMBERS_H

#include "methods/evaluation/faithfulness.h"

/* A column of m tokens. Borrowed. */
struct order_values {
    const struct faithfulness_spec *spec;
    /* nothing and all taken away; then for each order and k the first k, and all but them */
    const double *values;
    const int64_t *ks; /* [n_ks] ascending, 0 < k < m */
    int64_t n_ks, m;
};

/* How many tokens a curve's point i, or part i, takes away of m. */
int64_t order_k_of_point(const struct faithfulness_spec *s, int64_t i, int64_t m);
int64_t order_k_of_part(const struct faithfulness_spec *s, size_t i, int64_t m);

/* The numbers of order i. */
void order_numbers(struct faithfulness_column *out, const struct order_values *v, size_t i);
/* The means of the random orders, which begin at `first`, and their spread. */
void order_numbers_random(struct faithfulness_column *out, struct faithfulness_spread *spread,
                          const struct order_values *v, size_t first);

struct faithfulness_spread order_spread_new(const struct faithfulness_spec *s); /* all NaN */
void order_spread_dispose(struct faithfulness_spread *spread);

#endif
