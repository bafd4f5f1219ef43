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

/* From one pair to another, within those that there are. */
static void set_ramp(struct model_config *c, double begin, double end) {
    const int64_t width = rotated_width(c);
    c->rope_ramp_begin = fmax(begin, 0);
    c->rope_ramp_end = fmin(end, (double)(width - 1));
    if (c->rope_ramp_begin == c->rope_ramp_end)
        c->rope_ramp_end += 0.001;
}

void rope_read_yarn(struct model_config *c, struct fields *s) {
    const int64_t width = rotated_width(c);
    const double factor = field_real(s, "factor", 1, 1, 1e6),
                 m = field_real(s, "mscale", 0, 0, 1e6),
                 all = field_real(s, "mscale_all_dim", 0, 0, 1e6),
                 usual = m > 0 && all > 0 ? magnitude_of(factor, m) / magnitude_of(factor, all)
                                          : magnitude_of(factor, 1),
                 positions = real_or(s, "original_max_position_embeddings", (double)c->n_positions),
                 begin = pair_of(c, width, positions, real_or(s, "beta_fast", 32)),
                 end = pair_of(c, width, positions, real_or(s, "beta_slow", 1));
    const bool whole = field_flag(s, "truncate", true);
    c->rope_stretch = factor;
    c->rope_magnitude = real_or(s, "attention_factor", usual);
    set_ramp(c, whole ? floor(begin) : begin, whole ? ceil(end) : end);
}

/* What llama.cpp multiplies the usual magnitude by, and Transformers puts in its place: both are
 * one only where it says the usual one again. */
static void check_magnitude(const struct model_config *c, struct fields *f, const char *key) {
    const double usual = c->rope_magnitude, said = field_real(f, key, usual, 0, 1e6);
    if (fabs(said - usual) > 1e-5 * usual)
        field_fail(f, ERR_UNSUPPORTED,
                   "%s is %g: llama.cpp and Transformers have different rotations then; only %g "
                   "runs here, or no such key (the Hugging Face folder says what was meant)",
                   key, said, usual);
}

void rope_read_yarn_gguf(struct model_config *c, struct fields *f) {
    const int64_t width = rotated_width(c);
    const double factor = field_real(f, "rope.scaling.factor", 1, 1, 1e6),
                 positions =
                     real_or(f, "rope.scaling.original_context_length", (double)c->n_positions),
                 begin =
                     pair_of(c, width, positions, real_or(f, "rope.scaling.yarn_beta_fast", 32)),
                 end = pair_of(c, width, positions, real_or(f, "rope.scaling.yarn_beta_slow", 1)),
                 share = field_real(f, "rope.scaling.yarn_ext_factor", 1, -1e6, 1e6);
    if (share >= 0 && share != 1)
        field_fail(f, ERR_UNSUPPORTED, "rope.scaling.yarn_ext_factor is %g; only 1 runs here",
                   share);
    c->rope_stretch = factor;
    c->rope_magnitude =
        magnitude_of(factor, 1) /
        magnitude_of(factor, field_real(f, "rope.scaling.yarn_log_multiplier", 0, 0, 1e6));
    set_ramp(c, floor(begin), ceil(end));
    check_magnitude(c, f, "rope.scaling.attn_factor");
    check_magnitude(c, f, "rope.scaling.yarn_attn_factor");
}

/* A list of numbers, one for each pair. */
static void read_divisors(float *out, const struct model_config *c, struct fields *s,
                          const char *key) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(s->json, key), *item;
    const int64_t n_pairs = rotated_width(c) / 2;
    int64_t i = 0;
    if (cJSON_GetArraySize(list) != n_pairs || n_pairs > CONFIG_MAX_PAIRS) {
        field_fail(s, ERR_FORMAT, "%s has %d numbers for %lld pairs", key, cJSON_GetArraySize(list),
                   (long long)n_pairs);
        return;
    }
    cJSON_ArrayForEach(item, list) {
        out[i] = cJSON_IsNumber(item) ? (float)item->valuedouble : 0;
        if (!(out[i++] > 0))
            field_fail(s, ERR_FORMAT, "%s has an element that is no positive number", key);
    }
}

void rope_read_longrope(struct model_config *c, struct fields *f, struct fields *s) {
    const double own = field_real(f, "original_max_position_embeddings", 0, 0, FIELD_MAX_POSITIONS),
                 positions = own > 0 ? own : (double)c->n_positions,
                 factor =
                     own > 0 ? (double)c->n_positions / own : field_real(s, "factor", 1, 1, 1e6),
                 usual = factor <= 1 ? 1 : sqrt(1 + log(factor) / log(positions));
    read_divisors(c->rope_divisors, c, s, "short_factor");
    read_divisors(c->rope_long_divisors, c, s, "long_factor");
    c->rope_magnitude = real_or(s, "attention_factor", usual);
    c->rope_switch = (int64_t)positions;
}

void rope_read_dynamic(struct model_config *c, struct fields *s) {
    c->rope_growth = field_real(s, "factor", 0, 0, 1e6);
    c->rope_switch = c->n_positions;
    if (!(c->rope_growth > 0))
        field_fail(s, ERR_FORMAT, "rope_scaling of type dynamic has no factor above 0");
    if (rotated_width(c) <= 2)
        field_fail(s, ERR_UNSUPPORTED,
                   "rope_scaling of type dynamic rotates %lld numbers of a head: its base is "
                   "defined for more than 2",
                   (long long)rotated_width(c));
}
