/*
 * Llama. Touvron et al. 2023, with grouped-query attention (Ainslie et al. 2023), rotary positions
 * (Su et al. 2021), gated linear units (Shazeer 2020) and root mean square norms (Zhang and
 * Sennrich 2019). Reference: transformers 4.57, models/llama/modeling_llama.py; Llama 3's scaled
 * frequencies: modeling_rope_utils.py. GGUF stores query and key rows permuted for interleaved
 * pairs: the loader puts them back.
 */
#include "backend/architectures/architecture.h"
#include "backend/base/mem.h"

#include <math.h>

/* Llama 3 stretches slow frequencies by a factor, keeps fast ones, and blends between the two
 * wavelengths. */
static double scaled_frequency(const struct model_config *c, double frequency) {
    if (c->rope_linear > 0 && c->rope_linear != 1)
        return frequency / c->rope_linear;
    if (c->rope_factor <= 1)
        return frequency;
    double wavelength = 2 * M_PI / frequency;
    double low = c->rope_original_positions / c->rope_low_freq_factor,
           high = c->rope_original_positions / c->rope_high_freq_factor;
    if (wavelength < high)
        return frequency;
    if (wavelength > low)
        return frequency / c->rope_factor;
    double smooth = (c->rope_original_positions / wavelength - c->rope_low_freq_factor) /
                    (c->rope_high_freq_factor - c->rope_low_freq_factor);
    return (1 - smooth) * frequency / c->rope_factor + smooth * frequency;
}

/* [P, d]: cosines of the d/2 angles, then sines. */
static double *positions(const struct parameters *p, const struct model_config *c, int64_t n,
                         int64_t *width) {
    const int64_t d = c->n_head_width, half = d / 2;
    double *table = mem_alloc((size_t)(n * d) * sizeof *table);
    *width = d;
    for (int64_t i = 0; i < half; i++) {
        const double divisor = p->rope_divisors ? p->rope_divisors[i] : 1;
        const double frequency =
            scaled_frequency(c, pow(c->rope_base, -2.0 * (double)i / (double)d)) / divisor;
        for (int64_t r = 0; r < n; r++) {
            table[r * d + i] = cos((double)r * frequency);
            table[r * d + half + i] = sin((double)r * frequency);
        }
    }
    return table;
}

static struct value *self(const struct parameters *p, const struct model_config *c, struct tape *t,
                          enum model_stack stack, int64_t i, struct value *x) {
    const struct heads heads = {c->n_heads, c->n_kv_heads, c->n_head_width};
    const struct block_weights *b = &p->decoder[i];
    (void)stack;
    struct value *h = tape_rms_norm(t, x, &b->self_norm, c->norm_epsilon);      /* [R, D] */
    struct value *q = tape_rope(t, tape_linear(t, h, &b->query), p->positions); /* [R, H·d] */
    struct value *k = tape_rope(t, tape_linear(t, h, &b->key), p->positions);   /* [R, K·d] */
    struct value *v = tape_linear(t, h, &b->value);                             /* [R, K·d] */
    h = tape_attention(t, ATTENTION_DECODER_SELF, i, &heads, q, k, v);          /* [R, H·d] */
    return tape_linear_site(t, h, &b->output, x, MODULE_ATTENTION, i);          /* [R, D] */
}

static struct value *rest(const struct parameters *p, const struct model_config *c, struct tape *t,
                          enum model_stack stack, int64_t i, struct value *x) {
    const struct block_weights *b = &p->decoder[i];
    (void)stack;
    struct value *h = tape_rms_norm(t, x, &b->ffn_norm, c->norm_epsilon);
    h = tape_gated(t, tape_linear(t, h, &b->gate), tape_linear(t, h, &b->up),
                   c->activation);                             /* [R, F] */
    return tape_linear_site(t, h, &b->down, x, MODULE_MLP, i); /* [R, D] */
}

const struct architecture_ops architecture_llama = {
    .positions = positions, .self = self, .rest = rest, .pre_norm = true};
