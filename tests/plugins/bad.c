/* Wrong in the way that WRONG says. */
#include "methods/step_functions/tinseq-step.h"

#if WRONG == 5
const int something_else = 1;
#elif WRONG == 7
/* As the header was before hidden states. */
struct view {
    const float *logits, *contrast_logits;
    int64_t n_vocab;
    int32_t target, contrast;
    const double *arguments;
};
struct step {
    uint32_t abi, size;
    const char *name, *title, *formula, *unit, *summary, *span;
    int contrastive;
    const void *options;
    size_t n_options;
    double (*value)(const struct view *view);
    void (*derivative)(const struct view *view, float *out),
        (*contrast_derivative)(const struct view *view, float *out);
};
static double value(const struct view *v) {
    return v->logits[v->target];
}
const struct step tinseq_step = {
    .abi = 1, .size = sizeof(struct step), .name = "old", .value = value};
#else
static double value(const struct tinseq_step_view *v) {
    return v->logits[v->target];
}

const struct tinseq_step tinseq_step = {
    .abi = WRONG == 1 ? TINSEQ_STEP_ABI + 1 : TINSEQ_STEP_ABI,
    .size = WRONG == 2 ? 8 : sizeof(struct tinseq_step),
#if WRONG == 3
    .name = "two words",
#elif WRONG == 4
    .name = "entropy",
#else
    .name = "score_only",
#endif
    .states = WRONG == 8 ? 3 : TINSEQ_STEP_NO_STATES,
    .value = value,
};
#endif
