/* What the two Marian architectures share, both from Vaswani et al. 2017, "Attention is all you need", sections 3.3 and 3.5. */
#include "backend/architectures/architecture.h"
#include "backend/base/mem.h"

#include <math.h>

struct value *post_norm_feed_forward(const struct block_weights *b, const struct model_config *c, struct tape *t, struct value *x) {
    struct value *h = tape_activation(t, tape_linear(t, x, &b->up), c->activation);                         /* [R, F] */
    return tape_layer_norm(t, tape_linear_add(t, h, &b->down, x), &b->ffn_norm, c->norm_epsilon);
}

double *sinusoidal_positions(int64_t n, int64_t width, double divisor) {
    const int64_t half = width / 2;
    double *table = mem_alloc((size_t)(n * width) * sizeof *table);
    for (int64_t i = 0; i < half; i++) {
        const double frequency = exp(-(double)i * log(10000.0) / divisor);
        for (int64_t p = 0; p < n; p++) {
            table[p * width + i] = sin((double)p * frequency);
            table[p * width + half + i] = cos((double)p * frequency);
        }
    }
    return table;
}
