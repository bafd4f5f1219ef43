/*
 * Discretized integrated gradients. Sanyal and Ren 2021, "Discretized integrated gradients for
 * explaining language models", equation 4: integrated gradients along a path of points near real
 * words, Σ ∂f/∂x(vₖ) · (vₖ₊₁ − vₖ), monotone in every dimension from the baseline
 * to the input. Reference: the authors' code as Inseq 0.7.1 has adapted it. Unlike there, `deltas`
 * has its right sign (Inseq swaps the path's ends), neighbours are always those of the model at
 * hand, and contrast targets work. As there, a dimension that would turn back goes 1/n_steps of the
 * way, while n_steps − 2 words lie between the ends; the authors' code has one number of steps for
 * both. The paper's paths are of one kind of word; here as there,
 * special tokens stay and jump.
 */
#include "methods/engine/path_gradient.h"
#include "methods/gradients/monotonic_path.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

static const char *const strategies[] = {"greedy", "maxcount", NULL};

static const struct option_decl options[] = {
    {.name = "n_steps",
     .type = OPTION_INT,
     .default_value = "50",
     .minimum = 2,
     .maximum = 10000,
     .unit = "points",
     .help = "Points of the path, both ends included."},
    {.name = "method",
     .type = OPTION_CHOICE,
     .default_value = "greedy",
     .choices = strategies,
     .help = "Which neighbour comes next: the one that monotony changes least, or the one that is "
             "monotone in most dimensions."},
    {.name = "n_neighbors",
     .type = OPTION_INT,
     .default_value = "50",
     .minimum = 1,
     .maximum = 10000,
     .unit = "words",
     .help = "Nearest words that may come next (in Inseq an argument of load_model)."},
    {.name = "return_convergence_delta",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Add the step score deltas: how far the attributions' sum is from f(x) − f(x′)."},
    {.name = "internal_batch_size",
     .type = OPTION_INT,
     .default_value = "50",
     .minimum = 1,
     .maximum = 100000,
     .unit = "points",
     .help = "Accepted for Inseq's sake; batches are cut to fit the memory budget and do not "
             "change the result."},
    {.name = "multiply_by_inputs",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Multiply with x − x′ too (in Inseq an argument of load_model)."},
};

struct paths {
    int64_t n;
    float *of[2]; /* [rows, n, E], by enum model_stack */
};

static void point(const struct path *path, const struct path_side *s, int64_t p, int64_t n_rows,
                  float *out) {
    const struct paths *all = path->user;
    for (int64_t row = 0; row < n_rows; row++)
        memcpy(out + row * s->width, all->of[s->stack] + (row * all->n + p) * s->width,
               (size_t)s->width * sizeof *out);
}

static void step(const struct path *path, const struct path_side *s, int64_t p, int64_t n_rows,
                 float *out) {
    const struct paths *all = path->user;
    for (int64_t row = 0; row < n_rows; row++) {
        const float *here = all->of[s->stack] + (row * all->n + p) * s->width,
                    *next = here + s->width;
        for (int64_t k = 0; k < s->width; k++)
            out[row * s->width + k] = next[k] - here[k];
    }
}

static enum err_code find_paths(struct paths *all, const struct method_input *in,
                                const struct run_ctl *ctl, struct err *e) {
    const bool greedy = strcmp(option_text(in->options, "method"), "greedy") == 0;
    struct path_side sides[2];
    enum err_code code =
        path_inputs_open(&sides[STACK_ENCODER], &sides[STACK_DECODER], in, true, e);
    if (code)
        goto out;
    for (int i = 0; i < 2; i++) {
        if (!sides[i].moves)
            continue;
        all->of[i] = malloc((size_t)(sides[i].n * all->n * sides[i].width + 1) * sizeof(float));
        if (!all->of[i])
            code = err_set(e, ERR_NOMEM,
                           "out of memory for paths of %lld points; set a smaller n_steps",
                           (long long)all->n);
        else
            code = monotonic_paths(all->of[i], &sides[i], in, all->n,
                                   option_int(in->options, "n_neighbors"),
                                   greedy ? MONOTONIC_GREEDY : MONOTONIC_MAXCOUNT, ctl, e);
        if (code)
            goto out;
    }
out:
    path_side_dispose(&sides[0]);
    path_side_dispose(&sides[1]);
    return code;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct paths all = {.n = option_int(in->options, "n_steps")};
    enum err_code code = find_paths(&all, in, ctl, e);
    struct path words = {
        .n = all.n - 1, .from_baseline = true, .point = point, .step = step, .user = &all};
    if (code)
        goto out;
    code = path_gradient_run(out, in, &words,
                             option_bool(in->options, "multiply_by_inputs") ? path_times_difference
                                                                            : NULL,
                             option_bool(in->options, "return_convergence_delta"), ctl, e);
out:
    free(all.of[0]);
    free(all.of[1]);
    return code;
}

static void cost(struct cost *c, const struct cost_input *in) {
    int64_t n = option_int(in->options, "n_steps");
    path_gradient_cost(c, in, n - 1, true, option_bool(in->options, "return_convergence_delta"));
    double rows = (double)cost_rows(in);
    c->logits += rows * (double)(n - 2); /* distances to all words are as much work as logits */
    c->bytes +=
        rows * (double)n * (double)model_config_embedding_width(in->config) * (double)sizeof(float);
}

const struct method method_discretized_integrated_gradients = {
    .span = SPAN_LINEAR,
    .columns = COLUMNS_PICKED,
    .decl = {.id = "discretized_integrated_gradients",
             .title = "Discretized integrated gradients",
             .family = FAMILY_GRADIENT,
             .axes = AXES_TOKENS_WIDTH,
             .needs_attributed_fn = true,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "Σ ∂f/∂x(vₖ) · (vₖ₊₁ − vₖ) along points near real words "
                        "that lead, dimension by dimension, from the baseline to the input.",
             .paper = "Sanyal and Ren 2021, Discretized integrated gradients for explaining "
                      "language models, equation 4",
             .reference =
                 "the authors' DIG; equal to Inseq's; deltas has its right sign (Inseq "
                 "swaps the ends), and contrast targets work. As in Inseq, a dimension that would "
                 "turn back goes 1/n_steps of the way, and n_steps − 2 words lie between "
                 "the ends; the authors count one step for both"},
    .run = run,
    .cost = cost,
};
