#include "methods/step_functions/step_function.h"

#include <math.h>
#include <string.h>

#define STEP_FUNCTION(id) extern const struct step_function step_function_##id;
#include "methods/step_functions/step_functions.def"
#undef STEP_FUNCTION

static const struct step_function *const functions[] = {
#define STEP_FUNCTION(id) &step_function_##id,
#include "methods/step_functions/step_functions.def"
#undef STEP_FUNCTION
};
static const struct step_function_decl *const decls[] = {
#define STEP_FUNCTION(id) &step_function_##id.decl,
#include "methods/step_functions/step_functions.def"
#undef STEP_FUNCTION
};
#define N_FUNCTIONS (sizeof functions / sizeof functions[0])

const struct step_function_decl *const *step_function_decls(size_t *n) {
    *n = N_FUNCTIONS;
    return decls;
}

const struct step_function *step_function_find(const char *id) {
    for (size_t i = 0; i < N_FUNCTIONS; i++)
        if (strcmp(functions[i]->decl.id, id) == 0)
            return functions[i];
    return NULL;
}

const struct step_function_decl *step_function_decl_find(const char *id) {
    const struct step_function *f = step_function_find(id);
    return f ? &f->decl : NULL;
}

double step_log_sum(const float *logits, int64_t n_vocab) {
    float largest = -INFINITY;
    for (int64_t i = 0; i < n_vocab; i++)
        largest = logits[i] > largest ? logits[i] : largest;
    double sum = 0;
    for (int64_t i = 0; i < n_vocab; i++)
        sum += exp((double)logits[i] - largest);
    return largest + log(sum);
}

double step_probability(const float *logits, int64_t n_vocab, int32_t token) { return exp(logits[token] - step_log_sum(logits, n_vocab)); }

void step_add_softmax(float *out, const float *logits, int64_t n_vocab, double factor) {
    double log_sum = step_log_sum(logits, n_vocab);
    for (int64_t i = 0; i < n_vocab; i++)
        out[i] += (float)(factor * exp(logits[i] - log_sum));
}
