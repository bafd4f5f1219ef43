/* Wrong in the way that WRONG says. */
#include "methods/step_functions/tinseq-step.h"

#if WRONG == 5
const int something_else = 1;
#else
static double value(const struct tinseq_step_view *v) { return v->logits[v->target]; }

const struct tinseq_step tinseq_step = {
    .abi = WRONG == 1 ? TINSEQ_STEP_ABI + 1 : TINSEQ_STEP_ABI,
    .size = WRONG == 2 ? 8 : sizeof(struct tinseq_step),
    .name = WRONG == 3 ? "two words" : WRONG == 4 ? "entropy" : "score_only",
    .value = value,
};
#endif
