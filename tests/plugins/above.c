/* An example of tinseq-aggregator.h, built and used by the tests: an aggregator that changes scores
 * in place. What is under a share of its column's largest magnitude becomes 0. */
#include "aggregators/tinseq-aggregator.h"

#include <math.h>

/* The largest magnitude of a column, over all rows and what is beyond them. */
static float largest(const struct tinseq_aggregator_scores *s, int64_t column) {
    float most = 0;
    for (int64_t r = 0; r < s->n_rows; r++)
        for (int64_t k = 0; k < s->n_cell; k++)
            most = fmaxf(most, fabsf(s->values[(r * s->n_columns + column) * s->n_cell + k]));
    return most; /* fmaxf passes NaN by */
}

static const char *change(const struct tinseq_aggregator_scores *s) {
    if (s->arguments[0] == 1)
        return "a share of 1 leaves nothing but the largest";
    for (int64_t c = 0; c < s->n_columns; c++) {
        const double least = s->arguments[0] * (double)largest(s, c);
        for (int64_t r = 0; r < s->n_rows; r++)
            for (int64_t k = 0; k < s->n_cell; k++) {
                float *x = &s->values[(r * s->n_columns + c) * s->n_cell + k];
                *x = fabs((double)*x) < least ? 0 : *x;
            }
    }
    return NULL;
}

static const struct tinseq_aggregator_option options[] = {
    {"share", 0.1, 0, 1, "The least share of the column's largest magnitude."}};

const struct tinseq_aggregator tinseq_aggregator = {
    .abi = TINSEQ_AGGREGATOR_ABI,
    .size = sizeof(struct tinseq_aggregator),
    .name = "above",
    .title = "Above a share",
    .summary = "Scores under a share of their column's largest magnitude are 0.",
    .change = change,
    .options = options,
    .n_options = 1,
};
