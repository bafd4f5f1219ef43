/* Wrong in the way that WRONG says. */
#include "aggregators/tinseq-aggregator.h"

static float reduce(const float *values, size_t n, size_t stride, double order) {
    (void)n, (void)stride, (void)order;
    return values[0];
}
static size_t begins(const struct tinseq_aggregator_token *tokens, size_t n,
                     unsigned char *begins) {
    (void)tokens, (void)n;
    begins[0] = 1;
    return 1;
}
static const char *change(const struct tinseq_aggregator_scores *scores) {
    (void)scores;
    return NULL;
}
static const struct tinseq_aggregator_option options[] = {{"share", 2, 0, 1, NULL}};

#if WRONG == 3
#define NAME "two words"
#elif WRONG == 4
#define NAME "sentence"
#else
#define NAME "wrong"
#endif

const struct tinseq_aggregator tinseq_aggregator = {
    .abi = WRONG == 1 ? TINSEQ_AGGREGATOR_ABI + 1 : TINSEQ_AGGREGATOR_ABI,
    .size = WRONG == 2 ? 8 : sizeof(struct tinseq_aggregator),
    .name = NAME,
    .reduce = WRONG == 6 ? reduce : 0,
    .begins = WRONG == 4 || WRONG == 6 ? begins : 0,
    .change = WRONG == 7 ? change : 0,
    .options = options,
    .n_options = WRONG == 7,
};
