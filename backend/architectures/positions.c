#include "backend/architectures/positions.h"

#include "backend/base/mem.h"
#include "backend/weights/quantization.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool positions_are_computed(const struct stack_plan *plan) {
    return plan->positions == POSITION_SINUSOID || plan->positions == POSITION_ROTARY ||
           plan->positions == POSITION_SLOPES;
}

bool positions_are_alike(const struct stack *a, const struct stack *b) {
    return positions_are_computed(a->plan) && a->plan->positions == b->plan->positions &&
           a->plan->sinusoid_inclusive == b->plan->sinusoid_inclusive &&
           a->plan->position_offset == b->plan->position_offset &&
           a->sizes->n_head_width == b->sizes->n_head_width;
}

/* Vaswani et al. 2017, as Marian lays them out: sines in the first half of a row, cosines in the
 * second. */
static double *sinusoids(const struct stack *s, int64_t n) {
    const int64_t width = s->config->n_width, half = width / 2;
    const double divisor = (double)half - (s->plan->sinusoid_inclusive ? 1 : 0);
    double *table = mem_alloc((size_t)(n * width) * sizeof *table);
    for (int64_t i = 0; i < half; i++) {
        const double frequency = exp(-(double)i * log(10000.0) / divisor);
        for (int64_t p = 0; p < n; p++) {
            const double at = (double)(p + s->plan->position_offset);
            table[p * width + i] = sin(at * frequency);
            table[p * width + half + i] = cos(at * frequency);
        }
    }
    const int64_t zero = s->config->pad_token_id - s->plan->position_offset;
    if (s->plan->padding_unmoved && zero >= 0 && zero < n)
        memset(table + zero * width, 0, (size_t)width * sizeof *table);
    return table;
}

/* Llama 3 stretches slow frequencies by a factor, keeps fast ones, and blends between the two
 * wavelengths (transformers 4.57, modeling_rope_utils.py). */
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

/* Of each head's numbers, those that are rotated. */
static int64_t rotated_width(const struct stack *s) {
    return s->config->n_rotated ? s->config->n_rotated : s->sizes->n_head_width;
}

/* Column i of d/2 of a table [n, d], from row `first` on: the cosines of an angle, and its sine in
 * the second half. */
static void rotate_column(double *table, int64_t i, double frequency, int64_t first, int64_t n,
                          int64_t d) {
    for (int64_t r = first; r < n; r++) {
        table[r * d + i] = cos((double)r * frequency);
        table[r * d + d / 2 + i] = sin((double)r * frequency);
    }
}

/* YaRN keeps the first pairs as they are, stretches the last, and blends between. */
static double stretched(const struct model_config *c, double frequency, int64_t i) {
    if (c->rope_stretch == 0)
        return scaled_frequency(c, frequency);
    const double at = ((double)i - c->rope_ramp_begin) / (c->rope_ramp_end - c->rope_ramp_begin);
    const double share = fmin(fmax(at, 0), 1);
    return frequency / c->rope_stretch * share + frequency * (1 - share);
}

static double frequency_of(double base, int64_t i, int64_t d) {
    return pow(base, -2.0 * (double)i / (double)d);
}

/* Of a run over n tokens. Dynamic NTK's (bloc97 and emozilla 2023) grows with it. */
static double base_of(const struct model_config *c, int64_t n, int64_t d) {
    if (c->rope_growth <= 0 || n <= c->rope_switch)
        return c->rope_base;
    const double share = (double)n / (double)c->rope_switch,
                 stretch = c->rope_growth * share - (c->rope_growth - 1);
    return c->rope_base * pow(stretch, (double)d / (double)(d - 2));
}

/* NULL: there are none. */
static const float *divisors_of(const struct model_config *c, const struct parameters *p,
                                int64_t n) {
    const bool beyond = c->rope_switch && c->rope_growth <= 0 && n > c->rope_switch;
    const float *read = beyond ? p->rope_long_divisors : p->rope_divisors,
                *said = beyond ? c->rope_long_divisors : c->rope_divisors;
    return !read && said[0] > 0 ? said : read;
}

double *positions_rotations(const struct stack *s, const struct parameters *p, int64_t run,
                            int64_t first, int64_t n, int64_t *width) {
    const struct model_config *c = s->config;
    const int64_t d = *width = rotated_width(s);
    const double base = base_of(c, run, d);
    const float *divisors = divisors_of(c, p, run);
    double *table = mem_alloc((size_t)(n * d) * sizeof *table);
    for (int64_t i = 0; i < d / 2; i++) {
        const double divisor = divisors ? divisors[i] : 1;
        const double frequency = stretched(c, frequency_of(base, i, d), i) / divisor;
        rotate_column(table, i, frequency, first, n, d);
    }
    for (int64_t i = 0; i < n * d && c->rope_magnitude > 0; i++)
        table[i] *= c->rope_magnitude;
    return table;
}

/* Press et al. 2022, "Train short, test long": of a power of two of heads P, head i has 2^(−8 (i +
 * 1) / P); of others, those of the power below, then every second one of the power above. */
static double slope(int64_t n_heads, int64_t head) {
    int64_t power = 1;
    while (2 * power <= n_heads)
        power *= 2;
    return head < power ? exp2(-8.0 * (double)(head + 1) / (double)power)
                        : exp2(-8.0 * (double)(2 * (head - power) + 1) / (double)(2 * power));
}

static double rounded(double x) {
    const float wide = (float)x;
    uint16_t half;
    round_to_bf16(&half, &wide, 1);
    const uint32_t bits = (uint32_t)half << 16;
    float out;
    memcpy(&out, &bits, sizeof out);
    return (double)out;
}

/* [H, n], of distances −(n − 1) to 0, or of keys from the first on. */
static double *slopes(const struct stack *s, int64_t n) {
    const int64_t n_heads = s->sizes->n_heads;
    const double root = sqrt((double)s->sizes->n_head_width);
    double *table = mem_alloc((size_t)(n_heads * n) * sizeof *table);
    for (int64_t h = 0; h < n_heads; h++)
        for (int64_t k = 0; k < n; k++)
            table[h * n + k] = s->plan->slopes_rounded
                                   ? rounded(rounded(slope(n_heads, h)) * rounded((double)k)) / root
                                   : slope(n_heads, h) * (double)(k - n + 1);
    return table;
}

double *positions_local_table(const struct stack *s, int64_t n, int64_t *width) {
    const int64_t d = rotated_width(s);
    double *table = mem_alloc((size_t)(n * d) * sizeof *table);
    *width = d;
    for (int64_t i = 0; i < d / 2; i++)
        rotate_column(table, i, frequency_of(s->config->rope_local_base, i, d), 0, n, d);
    return table;
}

double *positions_table(const struct stack *s, const struct parameters *p, int64_t n,
                        int64_t *n_rows, int64_t *width) {
    *n_rows = s->plan->positions == POSITION_SLOPES ? s->sizes->n_heads : n;
    *width = n;
    if (s->plan->positions == POSITION_SLOPES)
        return slopes(s, n);
    if (s->plan->positions == POSITION_ROTARY)
        return positions_rotations(s, p, 0, 0, n, width);
    *width = s->config->n_width;
    return sinusoids(s, n);
}

/* The bucket of keys so far away, seen from both sides or only from behind: half of them for one
 * distance each, the others for ever longer ranges. Raffel et al. 2020; reference: transformers
 * 4.57, models/t5/modeling_t5.py, in its float32. */
static int64_t bucket_of(const struct model_config *c, bool both_sides, int64_t distance) {
    const int64_t n = both_sides ? c->n_buckets / 2 : c->n_buckets, exact = n / 2,
                  after = both_sides && distance > 0 ? n : 0,
                  far = distance < 0 || both_sides ? llabs(distance) : 0;
    if (far < exact)
        return after + far;
    const float octaves =
        logf((float)far / (float)exact) / (float)log((double)c->bucket_distance / (double)exact);
    const int64_t wide = exact + (int64_t)(octaves * (float)(n - exact));
    return after + (wide < n ? wide : n - 1);
}

double *positions_biases(const struct stack *s, const float *buckets, int64_t *columns,
                         int64_t *zero) {
    const struct model_config *c = s->config;
    const bool both_sides = s->which == STACK_ENCODER;
    const int64_t n_heads = s->sizes->n_heads, most = c->bucket_distance;
    *zero = most;
    *columns = most + 1 + (both_sides ? most : 0);
    double *table = mem_alloc((size_t)(n_heads * *columns) * sizeof *table);
    for (int64_t i = 0; i < *columns; i++) {
        const float *numbers = buckets + bucket_of(c, both_sides, i - most) * n_heads;
        for (int64_t h = 0; h < n_heads; h++)
            table[h * *columns + i] = numbers[h];
    }
    return table;
}

void positions_bias(const struct stack *s, const struct tape *t, int64_t layer,
                    struct heads *heads) {
    if (s->plan->positions == POSITION_BUCKETS) {
        heads->bias = s->biases[layer];
        heads->bias_zero = s->bias_zero;
    } else if (s->plan->positions == POSITION_SLOPES) {
        heads->bias = s->positions;
        heads->bias_by_key = s->plan->slopes_rounded;
        heads->bias_zero = heads->bias_by_key ? 0 : t->tn->columns_of(s->positions) - 1;
    }
}

struct value *positions_add(const struct stack *s, struct tape *t, struct value *x) {
    const enum position_kind kind = s->plan->positions;
    const bool adds = kind == POSITION_LEARNED || kind == POSITION_SINUSOID;
    return adds ? tape_add_positions(t, x, s->positions) : x;
}

struct value *positions_rotate(const struct stack *s, struct tape *t, int64_t layer,
                               struct value *x) {
    if (s->plan->positions != POSITION_ROTARY || layer_in(&s->plan->unrotated, layer))
        return x;
    const bool local = s->local_positions && layer_in(&s->plan->local, layer);
    const tn_tensor *usual = local ? s->local_positions : s->positions,
                    *table = t->rotations && !local ? t->rotations : usual;
    return tape_rope(t, x, table, s->sizes->n_head_width);
}
