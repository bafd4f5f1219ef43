/* What the methods on the insides cost, beside their one forward: the work on every pair of a query
 * and a key. */
#include "methods/engine/mixing.h"

static double max(double a, double b) {
    return a > b ? a : b;
}

/* Of one pair in one layer. */
static double pair_operations(const struct stack_sizes *sizes, enum mixing_work work, double d,
                              double longest) {
    if (work == MIXING_WEIGHTS)
        return 2 * longest;
    return 2 * d * d + (work == MIXING_WITH_FEED_FORWARD ? 4 * d * (double)sizes->n_ffn : 0);
}

void mixing_cost(struct cost *c, const struct cost_input *in, enum mixing_work work, int64_t cell) {
    const struct model_config *m = in->config;
    const double s = (double)in->n_source, t = (double)in->n_target, g = (double)in->n_steps,
                 d = (double)m->n_width;
    const bool two = m->encoder_decoder, own = !two || in->attribute_target;
    const double layers = (double)m->n_layers,
                 encoder_layers = two ? (double)m->encoder_sizes.n_layers : 0,
                 prefix = t - (g - 1) / 2;
    /* Pairs whose shares are computed: those of the columns, or of every row where layers are
     * multiplied; sequence scores have every row too. */
    const bool all_rows = work == MIXING_WEIGHTS || work == MIXING_ALL_SHARES;
    const double columns = own ? g * (s + prefix) : g * s + t * t / 2,
                 decoder = all_rows ? t * (t / 2 + s) : columns, encoder = two ? s * s : 0;
    const double longest = max(s, t);
    cost_forwards(c, in, 1, g);
    c->operations +=
        layers * decoder * pair_operations(&m->decoder_sizes, work, d, longest) +
        encoder_layers * encoder * pair_operations(&m->encoder_sizes, work, d, longest);
    cost_forward_bytes(c, in, 1, true);
    cost_result_bytes(c, in, cell);
    c->bytes += (double)sizeof(float) * (two && !all_rows ? (double)cell * (s * s + t * t) : 0);
    c->bytes += (double)sizeof(float) * (2 * (double)m->n_heads * longest * longest +
                                         (all_rows ? 2 : 1) * longest * (3 * d + longest));
}
