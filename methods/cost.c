#include "methods/cost.h"

#include "backend/base/clamp.h"
#include "backend/model.h"
#include "methods/engine/batch.h"

#include <math.h>

#define LEAST_BUDGET (16ll << 20)
#define MOST_BUDGET (256ll << 20)
#define MOST_LONG_BUDGET (768ll << 20)

static double least(double a, double b) {
    return a < b ? a : b;
}

int64_t cost_memory_budget(const struct cost_input *in, int64_t available) {
    const bool again =
        model_config_recomputes(in->config, in->element_bytes, 1, in->n_source, in->n_target);
    const int64_t bound = again ? MOST_LONG_BUDGET : MOST_BUDGET,
                  budget = available > 0 ? available / 4 : MOST_BUDGET;
    return clamped(budget, LEAST_BUDGET, bound);
}

/* Rows of the target that column g's function depends on, averaged over the columns. */
static double mean_prefix(const struct cost_input *in) {
    return (double)in->n_target - ((double)in->n_steps - 1) / 2;
}

int64_t cost_rows(const struct cost_input *in) {
    bool target = !in->config->encoder_decoder || in->attribute_target;
    return in->n_source + (target ? in->n_target + 1 : 0);
}

void cost_forwards(struct cost *c, const struct cost_input *in, double n, double n_logits) {
    c->passes += n;
    c->source_rows += n * (double)in->n_source;
    c->target_rows += n * (double)in->n_target;
    c->logits += n_logits;
}

/* Of one target. */
static int64_t gradient_bytes(const struct cost_input *in) {
    const struct model_config *m = in->config;
    const int64_t rows = in->n_target + in->n_source,
                  inside = rows * (7 * m->n_width + 3 * model_config_widest(m)) + m->n_vocab,
                  outside = rows * model_config_embedding_width(m) + 2 * m->n_vocab;
    return in->element_bytes * inside + (int64_t)sizeof(float) * outside;
}

/* How many of n targets walk back together. */
static double gradients_together(const struct cost_input *in, double n) {
    return least(n, (double)engine_fit(in->memory_budget, gradient_bytes(in), INT64_MAX));
}

void cost_gradients(struct cost *c, const struct cost_input *in, double n_points) {
    double n = n_points * (double)in->n_steps;
    c->source_gradients += n * (double)in->n_source;
    c->target_gradients += n * mean_prefix(in);
    c->logits += n;
    c->logit_gradients += n;
    if (model_config_recomputes(in->config, in->element_bytes, 1, in->n_source, in->n_target)) {
        /* Blocks are computed again, once for as many columns as walk back together. */
        const double steps = (double)in->n_steps,
                     again = n_points * ceil(steps / gradients_together(in, steps));
        c->source_rows += again * (double)in->n_source;
        c->target_rows += again * (double)in->n_target;
    }
}

void cost_result_bytes(struct cost *c, const struct cost_input *in, int64_t cell) {
    const double bytes =
        (double)cost_rows(in) * (double)in->n_steps * (double)cell * (double)sizeof(float);
    c->bytes += bytes;
    c->result += bytes;
}

void cost_forward_bytes(struct cost *c, const struct cost_input *in, double n_batch,
                        bool keep_gradient) {
    c->bytes +=
        n_batch * (double)model_config_forward_bytes(in->config, in->element_bytes, 1, in->n_source,
                                                     in->n_target, keep_gradient);
}

void cost_gradient_bytes(struct cost *c, const struct cost_input *in, double n) {
    c->bytes += gradients_together(in, n) * (double)gradient_bytes(in);
}

double cost_batch(const struct cost_input *in, double n, bool keep_gradient) {
    const int64_t bytes = model_config_forward_bytes(in->config, in->element_bytes, 1, in->n_source,
                                                     in->n_target, keep_gradient);
    return least(n, (double)engine_batch(in->memory_budget, in->n_target + in->n_source, bytes,
                                         INT64_MAX, keep_gradient));
}
