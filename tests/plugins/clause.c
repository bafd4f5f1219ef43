/* An example of tinseq-aggregator.h, built and used by the tests: a unit, the text up to a comma or
 * another mark that ends a clause. */
#include "aggregators/tinseq-aggregator.h"

#include <string.h>

static int ends_clause(const struct tinseq_aggregator_token *t) {
    return t->n_text > 0 && strchr(",;:.!?", t->text[t->n_text - 1]);
}

static size_t begins(const struct tinseq_aggregator_token *tokens, size_t n,
                     unsigned char *begins) {
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        begins[i] = i == 0 || ends_clause(&tokens[i - 1]);
        found += begins[i];
    }
    return found;
}

const struct tinseq_aggregator tinseq_aggregator = {
    .abi = TINSEQ_AGGREGATOR_ABI,
    .size = sizeof(struct tinseq_aggregator),
    .name = "clause",
    .title = "Clauses",
    .summary = "The text up to a comma, a full stop or the like.",
    .begins = begins,
};
