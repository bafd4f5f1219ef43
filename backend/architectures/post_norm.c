/* What the two Marian architectures share, both from Vaswani et al. 2017, "Attention is all you
 * need", sections 3.3 and 3.5. */
#include "backend/architectures/architecture.h"
#include "backend/base/mem.h"

#include <math.h>

struct value *post_norm_cross(const struct parameters *p, const struct model_config *c,
                              struct tape *t, int64_t i, struct value *x, struct value *memory) {
    const struct heads heads = {c->n_heads, c->n_heads, c->n_head_width};
    const struct block_weights *b = &p->decoder[i];
    x = tape_layer_norm(t, x, &b->self_norm, c->norm_epsilon);
    struct value *h = tape_cross_attention(t, i, &heads, tape_linear(t, x, &b->cross_query), memory,
                                           &b->cross_key, &b->cross_value);
    return tape_linear_add(t, h, &b->cross_output, x);
}

struct value *post_norm_rest(const struct parameters *p, const struct model_config *c,
                             struct tape *t, enum model_stack stack, int64_t i, struct value *x) {
    const struct block_weights *b = stack == STACK_ENCODER ? &p->encoder[i] : &p->decoder[i];
    x = tape_layer_norm(t, x, stack == STACK_ENCODER ? &b->self_norm : &b->cross_norm,
                        c->norm_epsilon);
    struct value *h = tape_activation(t, tape_linear(t, x, &b->up), c->activation); /* [R, F] */
    return tape_layer_norm(t, tape_linear_site(t, h, &b->down, x, MODULE_MLP, i), &b->ffn_norm,
                           c->norm_epsilon);
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
