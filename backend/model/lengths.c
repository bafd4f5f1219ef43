/* How long texts may be, by what a model's configuration says of positions. */
#include "backend/model.h"

/* Tables end, the checkpoint's own and Transformers' of sinusoids; rotations go on. */
static bool ends(const struct stack_plan *plan) {
    return plan->positions == POSITION_LEARNED ||
           (plan->positions == POSITION_SINUSOID && !plan->sinusoid_endless);
}

int64_t model_config_longest(const struct model_config *c) {
    const bool table = ends(&c->decoder) || (c->encoder_decoder && ends(&c->encoder));
    return table ? c->n_positions : 0;
}

bool model_config_reaches_further(const struct model_config *c) {
    return c->rope_switch && c->n_positions <= c->rope_switch;
}

int64_t model_config_alike_until(const struct model_config *c, int64_t n) {
    if (c->rope_switch && n <= c->rope_switch)
        return c->rope_switch;
    return c->rope_switch && c->rope_growth > 0 ? n : INT64_MAX;
}

int64_t model_config_steps_alike(const struct model_config *c, int64_t n_prefix, int64_t n_steps) {
    const int64_t until = model_config_alike_until(c, n_prefix);
    return until - n_prefix < n_steps ? until - n_prefix + 1 : n_steps;
}

static enum err_code too_long(const struct model_config *c, enum model_stack stack, int64_t n,
                              const char *what, struct err *e) {
    return err_set(e, ERR_USAGE,
                   "the %s has %lld tokens; this model has positions for %lld: shorten it", what,
                   (long long)n, (long long)model_config_positions(c, stack));
}

enum err_code model_config_check_text(const struct model_config *c, int64_t n, struct err *e) {
    const int64_t longest = model_config_longest(c);
    return longest && n > longest ? too_long(c, STACK_DECODER, n, "text", e) : ERR_OK;
}

enum err_code model_config_check_prompt(const struct model_config *c, int64_t n, struct err *e) {
    const char *what = c->encoder_decoder ? "source" : "prompt";
    const enum model_stack stack = c->encoder_decoder ? STACK_ENCODER : STACK_DECODER;
    const int64_t longest = model_config_positions(c, stack);
    const bool bound = longest && !(stack == STACK_DECODER && model_config_reaches_further(c));
    return bound && n > longest ? too_long(c, stack, n, what, e) : ERR_OK;
}
