/* Rope types that depend on sizes: YaRN (Peng et al. 2023), LongRoPE (Ding et al. 2024) and dynamic
 * NTK. Reference: transformers 4.57, modeling_rope_utils.py. */
#include "backend/settings/rope_readers.h"

#include <math.h>

static double magnitude_of(double factor, double scale) {
    return factor <= 1 ? 1 : 0.1 * scale * log(factor) + 1;
}

/* The pair that turns so often over the positions of training. */
static double pair_of(const struct model_config *c, int64_t width, double positions,
                      double n_turns) {
    return (double)width * log(positions / (n_turns * 2 * M_PI)) / (2 * log(c->rope_base));
}

static int64_t rotated_width(const struct model_config *c) {
    return c->n_rotated ? c->n_rotated : c->n_head_width;
}

/* What the files' rows give here is read from `s`; a missing or zero number is the usual one. */
static double real_or(struct fields *s, const char *key, double usual) {
    const double said = field_real(s, key, usual, 0, 1e12);
    return said > 0 ? said : usual;
}

void rope_read_yarn(struct model_config *c, struct fields *s) {
    const int64_t width = rotated_width(c);
    const double factor = field_real(s, "factor", 1, 1, 1e6),
                 m = field_real(s, "mscale", 0, 0, 1e6),
                 all = field_real(s, "mscale_all_dim", 0, 0, 1e6),
                 usual = m > 0 && all > 0 ? magnitude_of(factor, m) / magnitude_of(factor, all)
                                          : magnitude_of(factor, 1),
                 positions = real_or(s, "original_max_position_embeddings", (double)c->n_positions);
    double begin = pair_of(c, width, positions, real_or(s, "beta_fast", 32)),
           end = pair_of(c, width, positions, real_or(s, "beta_slow", 1));
    if (field_flag(s, "truncate", true))
        begin = floor(begin), end = ceil(end);
    c->rope_stretch = factor;
    c->rope_magnitude = real_or(s, "attention_factor", usual);
    c->rope_ramp_begin = fmax(begin, 0);
    c->rope_ramp_end = fmin(end, (double)(width - 1));
    if (c->rope_ramp_begin == c->rope_ramp_end)
        c->rope_ramp_end += 0.001;
}

/* The short factors; the long ones take their place beyond the positions of training. */
void rope_read_longrope(struct model_config *c, struct fields *f, struct fields *s) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(s->json, "short_factor"), *item;
    const int64_t n_pairs = rotated_width(c) / 2;
    const double own = field_real(f, "original_max_position_embeddings", 0, 0, FIELD_MAX_POSITIONS),
                 positions = own > 0 ? own : (double)c->n_positions,
                 factor =
                     own > 0 ? (double)c->n_positions / own : field_real(s, "factor", 1, 1, 1e6),
                 usual = factor <= 1 ? 1 : sqrt(1 + log(factor) / log(positions));
    int64_t i = 0;
    if (cJSON_GetArraySize(list) != n_pairs || n_pairs > CONFIG_MAX_PAIRS) {
        field_fail(s, ERR_FORMAT, "short_factor has %d numbers for %lld pairs",
                   cJSON_GetArraySize(list), (long long)n_pairs);
        return;
    }
    cJSON_ArrayForEach(item, list) {
        c->rope_divisors[i] = cJSON_IsNumber(item) ? (float)item->valuedouble : 0;
        if (!(c->rope_divisors[i++] > 0))
            field_fail(s, ERR_FORMAT, "short_factor has an element that is no positive number");
    }
    c->rope_magnitude = real_or(s, "attention_factor", usual);
    c->rope_longest = (int64_t)positions;
}

/* Up to the positions of training it stretches nothing. */
void rope_read_dynamic(struct model_config *c) {
    c->rope_longest = c->n_positions;
}
