/* What comes out of a model must be numbers: a weight that is none makes a text of unknown tokens
 * and an empty map. */
#include "backend/base/finite.h"
#include "backend/model/model.h"

#include <math.h>

static const char *name_of(float x) {
    if (isnan(x))
        return "nan";
    return x > 0 ? "inf" : "-inf";
}

static enum err_code say(const struct model *m, float x, int64_t token, int64_t position,
                         struct err *e) {
    int64_t element;
    const struct weight_info *damaged = weights_damage(m->weights, &element);
    if (damaged)
        return err_set(e, ERR_FORMAT,
                       "the logits that decide the token at position %lld are not finite (%s for "
                       "token %lld): the weights are damaged, tensor %.120s has a number that is "
                       "not finite (element %lld); fetch or convert the model again",
                       (long long)position, name_of(x), (long long)token, damaged->name,
                       (long long)element);
    const bool wide = m->dtype == TN_FLOAT64;
    return err_set(e, ERR_FORMAT,
                   "the logits that decide the token at position %lld are not finite (%s for token "
                   "%lld), though all weights are: numbers grew too large in %s",
                   (long long)position, name_of(x), (long long)token,
                   wide ? "float64; the weights are probably damaged" : "float32; try float64");
}

enum err_code model_finite_logits(const struct model *m, const float *logits, int64_t position,
                                  struct err *e) {
    const int64_t token = finite_first_not(logits, m->config.n_vocab);
    return token < 0 ? ERR_OK : say(m, logits[token], token, position, e);
}
