#include "methods/step_functions/step_function.h"

#include <math.h>
#include <string.h>

#define STEP_FUNCTION(id) extern const struct step_function step_function_##id;
#include "methods/step_functions/step_functions.def"
#undef STEP_FUNCTION

#define MOST_FUNCTIONS 64 /* with those of libraries */

static const struct step_function *functions[MOST_FUNCTIONS] = {
#define STEP_FUNCTION(id) &step_function_##id,
#include "methods/step_functions/step_functions.def"
#undef STEP_FUNCTION
};
static const struct step_function_decl *decls[MOST_FUNCTIONS] = {
#define STEP_FUNCTION(id) &step_function_##id.decl,
#include "methods/step_functions/step_functions.def"
#undef STEP_FUNCTION
};
static size_t n_functions = 0
#define STEP_FUNCTION(id) +1
#include "methods/step_functions/step_functions.def"
#undef STEP_FUNCTION
    ;

const struct step_function_decl *const *step_function_decls(size_t *n) {
    *n = n_functions;
    return decls;
}

enum err_code step_function_register(const struct step_function *f, struct err *e) {
    if (n_functions == MOST_FUNCTIONS)
        return err_set(e, ERR_USAGE, "there are %d step functions already, no more can be added", MOST_FUNCTIONS);
    decls[n_functions] = &f->decl;
    functions[n_functions++] = f;
    return ERR_OK;
}

const struct step_function *step_function_find(const char *id) {
    for (size_t i = 0; i < n_functions; i++)
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

double step_token_score(const float *logits, int64_t n_vocab, int32_t token, bool logprob) {
    double log_p = logits[token] - step_log_sum(logits, n_vocab);
    return logprob ? log_p : exp(log_p);
}

/* d log p[y] / d z = e_y − p, times p[y] unless it is the logarithm. */
void step_add_token_score(float *out, const float *logits, int64_t n_vocab, int32_t token, bool logprob, double factor) {
    factor *= logprob ? 1 : step_token_score(logits, n_vocab, token, false);
    step_add_softmax(out, logits, n_vocab, -factor);
    out[token] += (float)factor;
}

double step_probability(const float *logits, int64_t n_vocab, int32_t token) { return exp(logits[token] - step_log_sum(logits, n_vocab)); }

void step_add_softmax(float *out, const float *logits, int64_t n_vocab, double factor) {
    double log_sum = step_log_sum(logits, n_vocab);
    for (int64_t i = 0; i < n_vocab; i++)
        out[i] += (float)(factor * exp(logits[i] - log_sum));
}
