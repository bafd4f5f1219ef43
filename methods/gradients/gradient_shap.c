/*
 * Gradient SHAP. Lundberg and Lee 2017, "A unified approach to interpreting model predictions", in
 * the form of expected gradients (Erion et al. 2021): gradients at random points between baseline
 * and input, averaged, times x − x′. Each sample has one uniform α for all tokens of both
 * sides, and with stdevs its own noise. Reference: Captum's GradientShap and NoiseTunnel, as Inseq
 * 0.7.1 calls them. Unlike there, one draw serves all steps (each step's own distribution is the
 * same), so that they share forwards; `deltas` is of the mean, not of the first sample; contrast
 * targets work.
 */
#include "methods/engine/path_gradient.h"
#include "methods/random.h"

#include "backend/base/mem.h"

#include <stdlib.h>

static const struct option_decl options[] = {
    {.name = "n_samples",
     .type = OPTION_INT,
     .default_value = "5",
     .minimum = 1,
     .maximum = 100000,
     .unit = "samples",
     .help = "Random points whose gradients are averaged."},
    {.name = "stdevs",
     .type = OPTION_FLOAT,
     .default_value = "0.0",
     .minimum = 0,
     .maximum = 1e6,
     .help = "Standard deviation of the normal noise that every sample adds to the input's "
             "embeddings."},
    {.name = "seed",
     .type = OPTION_INT,
     .default_value = "0",
     .minimum = 0,
     .maximum = 9007199254740992,
     .help = "Where the random numbers begin: the same seed gives the same result, whatever the "
             "batches."},
    {.name = "return_convergence_delta",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Add the step score deltas: how far the attributions' sum is from f(x) − f(x′)."},
    {.name = "multiply_by_inputs",
     .type = OPTION_BOOL,
     .default_value = "true",
     .help = "Multiply gradients with x − x′ (in Inseq an argument of load_model)."},
};

enum purpose { OF_ALPHA, OF_NOISE };

struct samples {
    double deviation;
    bool multiply;
    uint64_t key; /* of the noise */
};

/* x̃ − x′ of element k of one row in a sample: drawn again wherever it is needed, so that it
 * depends on nothing but its place. */
static double difference(const struct samples *s, const struct path_side *side, int64_t sample,
                         int64_t row, int64_t k) {
    uint64_t key = random_key(
        random_key(random_key(random_key(s->key, (uint64_t)sample), side->stack), (uint64_t)row),
        (uint64_t)k);
    return (double)side->x[row * side->width + k] + s->deviation * random_normal_of(key) -
           side->baseline[row * side->width + k];
}

/* αx̃ + (1 − α)x′. */
static void noisy_point(const struct path *path, const struct path_side *side, int64_t p,
                        int64_t n_rows, float *out) {
    const struct samples *s = path->user;
    for (int64_t i = 0; i < n_rows * side->width; i++)
        out[i] = (float)(side->baseline[i] +
                         path->alpha[p] * difference(s, side, p, i / side->width, i % side->width));
}

/* (x̃ − x′) / n. */
static void noisy_step(const struct path *path, const struct path_side *side, int64_t p,
                       int64_t n_rows, float *out) {
    const struct samples *s = path->user;
    for (int64_t i = 0; i < n_rows * side->width; i++)
        out[i] =
            (float)(path->weight[p] *
                    (s->multiply ? difference(s, side, p, i / side->width, i % side->width) : 1));
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    const int64_t n = option_int(in->options, "n_samples");
    const uint64_t seed = (uint64_t)option_int(in->options, "seed");
    struct samples s = {option_float(in->options, "stdevs"),
                        option_bool(in->options, "multiply_by_inputs"), random_key(seed, OF_NOISE)};
    double *alpha = mem_alloc((size_t)n * sizeof *alpha),
           *weight = mem_alloc((size_t)n * sizeof *weight);
    for (int64_t i = 0; i < n; i++) {
        alpha[i] = random_uniform_of(random_key(random_key(seed, OF_ALPHA), (uint64_t)i));
        weight[i] = 1.0 / (double)n;
    }
    struct path points = {
        .n = n, .alpha = alpha, .weight = weight, .from_baseline = true, .user = &s};
    if (s.deviation > 0) {
        points.point = noisy_point;
        points.step = noisy_step;
    }
    path_finish finish = s.deviation > 0 || !s.multiply ? NULL : path_times_difference;
    enum err_code code = path_gradient_run(
        out, in, &points, finish, option_bool(in->options, "return_convergence_delta"), ctl, e);
    free(alpha);
    free(weight);
    return code;
}

static void cost(struct cost *c, const struct cost_input *in) {
    path_gradient_cost(c, in, option_int(in->options, "n_samples"), true,
                       option_bool(in->options, "return_convergence_delta"));
}

const struct method method_gradient_shap = {
    .span = SPAN_LINEAR,
    .columns = COLUMNS_PICKED,
    .decl = {.id = "gradient_shap",
             .title = "Gradient SHAP",
             .family = FAMILY_GRADIENT,
             .axes = AXES_TOKENS_WIDTH,
             .needs_attributed_fn = true,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary =
                 "Mean over samples of (x̃ − x′) · ∂f/∂x at αx̃ + (1 − "
                 "α)x′, α uniform, x̃ = x + noise: integrated gradients with a few random points.",
             .paper = "Lundberg and Lee 2017, A unified approach to interpreting model "
                      "predictions; Erion et al. 2021, expected gradients",
             .reference = "captum.attr.GradientShap; every step has Inseq's distribution, one draw "
                          "serves all steps, deltas is of the mean and not of the first "
                          "sample, and contrast targets work"},
    .run = run,
    .cost = cost,
};
