/*
 * Activation patching, or causal tracing. Meng, Bau, Andonian and Belinkov 2022, "Locating and
 * editing factual associations in GPT", section 2.1: the subject's embeddings get normal noise, and
 * in this corrupted run one hidden state, a block's output at one token, is put back as the clean
 * run had it. The score is the indirect effect: how much of the attributed function comes back,
 * f(restored) − f(corrupted), averaged over draws of noise. The step score total_effect is
 * f(clean) − f(corrupted). Reference: the authors' rome repository, causal_trace (3 standard
 * deviations, 10 draws). In an encoder-decoder the subject is in the source.
 */
#include "methods/engine/perturb.h"
#include "methods/random.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option_decl options[] = {
    {.name = "subject",
     .type = OPTION_TEXT,
     .default_value = "",
     .help = "Tokens that get noise, \"2:5\" (half-open), of the source or, without an encoder, of "
             "the prompt; empty: all of it."},
    {.name = "noise",
     .type = OPTION_FLOAT,
     .default_value = "3",
     .minimum = 0,
     .maximum = 1000,
     .unit = "standard deviations",
     .help = "How strong the noise is, in standard deviations of the text's own embeddings."},
    {.name = "n_samples",
     .type = OPTION_INT,
     .default_value = "10",
     .minimum = 1,
     .maximum = 10000,
     .unit = "draws",
     .help = "Draws of noise."},
    {.name = "seed",
     .type = OPTION_INT,
     .default_value = "0",
     .minimum = 0,
     .maximum = 9007199254740991.0,
     .help = "Of the noise."},
};

struct tracing {
    struct perturb p;
    struct perturb_side *side; /* that gets the noise */
    int64_t begin, end;        /* its rows */
    double sigma;
    int64_t n_samples;
    uint64_t seed;
    double *clean, *corrupted; /* [G] */
    float *noised, *clean_states, *states,
        *batch;     /* [n, E]; [n, D] of the layer; likewise; [B, n, D] */
    double *values; /* [B, G] */
    int64_t n_batch;
    struct forward *clean_run;
    struct model_site *blocks; /* [n_blocks] of that side */
    int64_t n_blocks;
};

static enum err_code read_subject(struct tracing *t, const struct method_input *in, struct err *e) {
    const char *text = option_text(in->options, "subject");
    const int64_t n = in->config->encoder_decoder ? t->side->n : in->start;
    int begin = 0, end = (int)n, used = 0;
    if (*text && (sscanf(text, "%d:%d%n", &begin, &end, &used) != 2 || text[used] || begin < 0 ||
                  end > n || begin >= end))
        return err_set(
            e, ERR_USAGE,
            "activation_patching: subject is a range of tokens such as \"1:3\", from 0 to %lld",
            (long long)n);
    t->begin = begin;
    t->end = end;
    return ERR_OK;
}

static double deviation(const float *x, int64_t n) {
    double mean = 0, square = 0;
    for (int64_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (int64_t i = 0; i < n; i++)
        square += (x[i] - mean) * (x[i] - mean) / (double)n;
    return sqrt(square);
}

static void add_noise(struct tracing *t, int64_t sample) {
    const int64_t d = t->p.width;
    memcpy(t->noised, t->side->x, (size_t)(t->side->n * d) * sizeof *t->noised);
    for (int64_t r = t->begin; r < t->end; r++)
        for (int64_t k = 0; k < d; k++)
            t->noised[r * d + k] +=
                (float)(t->sigma *
                        random_normal_of(random_key(
                            random_key(random_key(t->seed, (uint64_t)sample), (uint64_t)r),
                            (uint64_t)k)));
}

/* A forward of n entries whose inputs are all corrupted; with one block's output given, or all
 * kept. */
static enum err_code corrupted_forward(struct tracing *t, struct forward **out, int64_t n,
                                       const struct site_values *given, struct err *e) {
    const struct method_input *in = t->p.engine.in;
    const int64_t size = t->side->n * t->p.width;
    const bool source = t->side->stack == STACK_ENCODER;
    float *inputs = mem_alloc((size_t)(n * size) * sizeof *inputs);
    for (int64_t i = 0; i < n; i++)
        memcpy(inputs + i * size, t->noised, (size_t)size * sizeof *inputs);
    struct forward_input f = {.n_batch = n,
                              .source_ids = t->p.source.ids,
                              .n_source = t->p.source.n,
                              .source_embeddings = source ? inputs : NULL,
                              .target_ids = t->p.target.ids,
                              .n_target = t->p.target.n,
                              .target_embeddings = source ? NULL : inputs,
                              .given = given,
                              .n_given = given ? 1 : 0,
                              .sites = t->blocks,
                              .n_sites = given ? 0 : t->n_blocks};
    enum err_code code = model_forward(out, in->model, &f, t->p.engine.ctl, e);
    free(inputs);
    return code;
}

static void add_effect(struct tracing *t, struct scores *to, int64_t row, int64_t c, int64_t layer,
                       double value) {
    const int64_t n_layers = to->dims[2];
    if (to->data && (t->side->stack == STACK_ENCODER || row <= engine_row(&t->p.engine, c)))
        to->data[(row * to->dims[1] + c) * n_layers + layer] +=
            (float)((value - t->corrupted[c]) / (double)t->n_samples);
}

/* Restores each of a side's rows in turn after one block of `stack`. */
static enum err_code one_layer(struct tracing *t, struct forward *corrupted, enum model_stack stack,
                               int64_t layer, struct scores *to, struct err *e) {
    const int64_t n = t->side->n, d = t->p.engine.in->config->n_width,
                  n_steps = t->p.engine.n_steps, first = stack == STACK_DECODER ? t->begin : 0;
    struct forward *f = NULL;
    enum err_code code = forward_activation(t->clean_run, layer, t->clean_states, e);
    if (code)
        goto out;
    code = forward_activation(corrupted, layer, t->states, e);
    if (code)
        goto out;
    for (int64_t at = first; at < n; at += t->n_batch) {
        const int64_t k = n - at < t->n_batch ? n - at : t->n_batch;
        for (int64_t i = 0; i < k; i++) {
            memcpy(t->batch + i * n * d, t->states, (size_t)(n * d) * sizeof *t->batch);
            memcpy(t->batch + (i * n + at + i) * d, t->clean_states + (at + i) * d,
                   (size_t)d * sizeof *t->batch);
        }
        const struct site_values given = {{stack, MODULE_BLOCK, layer}, t->batch};
        forward_free(f);
        f = NULL;
        code = corrupted_forward(t, &f, k, &given, e);
        if (code)
            goto out;
        code = perturb_values(&t->p, f, k, 0, t->values, e);
        if (code)
            goto out;
        for (int64_t i = 0; i < k * n_steps; i++)
            add_effect(t, to, at + i / n_steps, i % n_steps, layer, t->values[i]);
    }
out:
    forward_free(f);
    return code;
}

static enum err_code one_sample(struct tracing *t, int64_t sample, struct err *e) {
    struct method_run *g = &t->p.engine;
    const enum model_stack stack = t->side->stack;
    const int64_t n_layers = t->n_blocks;
    struct scores *to =
        stack == STACK_ENCODER ? &g->out->source_attributions : &g->out->target_attributions;
    struct forward *f = NULL;
    add_noise(t, sample);
    enum err_code code = corrupted_forward(t, &f, 1, NULL, e);
    if (code)
        goto out;
    code = perturb_values(&t->p, f, 1, 0, t->corrupted, e);
    if (code)
        goto out;
    for (int64_t c = 0; c < g->n_steps; c++)
        g->out->step_scores[g->out->n_step_scores - 1].scores.data[c] +=
            (float)((t->clean[c] - t->corrupted[c]) / (double)t->n_samples);
    for (int64_t layer = 0; layer < n_layers; layer++) {
        if (stack == STACK_DECODER &&
            layer + 1 == n_layers) { /* nothing follows: only the predicting position's own state
                                        counts, and it counts for all */
            for (int64_t c = 0; c < g->n_steps; c++)
                add_effect(t, to, engine_row(g, c), c, layer, t->clean[c]);
        } else {
            code = one_layer(t, f, stack, layer, to, e);
        }
        perturb_progress(&t->p, 1);
        if (code)
            goto out;
    }
out:
    forward_free(f);
    return code;
}

static enum err_code open_clean(struct tracing *t, struct err *e) {
    struct method_run *g = &t->p.engine;
    struct forward_input f = {.n_batch = 1,
                              .source_ids = t->p.source.ids,
                              .n_source = t->p.source.n,
                              .target_ids = t->p.target.ids,
                              .n_target = t->p.target.n,
                              .sites = t->blocks,
                              .n_sites = t->n_blocks};
    enum err_code code = model_forward(&t->clean_run, g->in->model, &f, g->ctl, e);
    if (code)
        return code;
    return perturb_clean(&t->p, t->clean_run, t->clean, e);
}

static void find_blocks(struct tracing *t, int64_t n) {
    t->n_blocks = n;
    t->blocks = mem_alloc((size_t)n * sizeof *t->blocks);
    for (int64_t i = 0; i < n; i++)
        t->blocks[i] = (struct model_site){t->side->stack, MODULE_BLOCK, i};
}

static void zero_seen(struct method_run *g, struct scores *s, bool causal) {
    const int64_t cell = s->data ? scores_cell(s) : 0;
    for (int64_t c = 0; c < g->n_steps && s->data; c++)
        for (int64_t r = 0; r < (causal ? engine_row(g, c) + 1 : s->dims[0]); r++)
            memset(s->data + (r * g->n_steps + c) * cell, 0, (size_t)cell * sizeof *s->data);
}

static enum err_code trace(struct tracing *t, struct err *e) {
    struct method_run *g = &t->p.engine;
    const struct method_input *in = g->in;
    const bool source = in->config->encoder_decoder;
    const int64_t n_layers = source ? in->config->encoder_sizes.n_layers : in->config->n_layers,
                  n = source ? t->p.source.n : t->p.target.n, size = n * t->p.width,
                  states_size = n * in->config->n_width;
    t->side = source ? &t->p.source : &t->p.target;
    find_blocks(t, n_layers);
    t->n_samples = option_int(in->options, "n_samples");
    t->seed = (uint64_t)option_int(in->options, "seed");
    t->n_batch = perturb_fit(&t->p, 0, true);
    t->p.work = t->n_samples * n_layers;
    t->sigma = option_float(in->options, "noise") * deviation(t->side->x, size);
    enum err_code code = read_subject(t, in, e);
    if (code)
        return code;
    code = engine_shape(g, 1, &n_layers, e);
    if (code)
        return code;
    if (!attribution_add_step_scores(g->out, "total_effect"))
        code = err_set(e, ERR_NOMEM, "out of memory for step scores");
    if (code)
        return code;
    for (int64_t c = 0; c < g->n_steps; c++)
        g->out->step_scores[g->out->n_step_scores - 1].scores.data[c] = 0;
    zero_seen(g, &g->out->source_attributions, false);
    zero_seen(g, &g->out->target_attributions, true);
    engine_shaped(g);
    t->clean = mem_alloc((size_t)g->n_steps * sizeof *t->clean);
    t->corrupted = mem_alloc((size_t)g->n_steps * sizeof *t->corrupted);
    t->values = mem_alloc((size_t)(t->n_batch * g->n_steps) * sizeof *t->values);
    t->noised = mem_alloc((size_t)size * sizeof *t->noised);
    t->clean_states = mem_alloc((size_t)states_size * sizeof *t->clean_states);
    t->states = mem_alloc((size_t)states_size * sizeof *t->states);
    t->batch = malloc((size_t)(t->n_batch * states_size) * sizeof *t->batch);
    code = t->batch ? open_clean(t, e)
                    : err_set(e, ERR_NOMEM, "out of memory for %lld restored states",
                              (long long)t->n_batch);
    if (code)
        return code;
    for (int64_t s = 0; s < t->n_samples; s++) {
        code = one_sample(t, s, e);
        if (code)
            return code;
    }
    for (int64_t c = 0; c < g->n_steps; c++)
        engine_publish(g, c);
    return code;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct tracing t = {0};
    out->class = ATTRIBUTION_MULTI_DIMENSIONAL;
    if (in->config->encoder_decoder && in->attribute_target)
        return err_set(e, ERR_UNSUPPORTED,
                       "activation_patching: in an encoder-decoder only the source is traced; "
                       "leave attribute_target out");
    enum err_code code = perturb_open(&t.p, out, in, ctl, e);
    if (code)
        goto out;
    code = trace(&t, e);
out:
    forward_free(t.clean_run);
    void *rooms[] = {t.clean,        t.corrupted, t.values, t.noised,
                     t.clean_states, t.states,    t.batch,  t.blocks};
    for (int i = 0; i < 8; i++)
        free(rooms[i]);
    perturb_close(&t.p);
    return code;
}

static void cost(struct cost *c, const struct cost_input *in) {
    const double rows = (double)(in->config->encoder_decoder ? in->n_source : in->n_target);
    const double layers = (double)(in->config->encoder_decoder ? in->config->encoder_sizes.n_layers
                                                               : in->config->n_layers);
    const double passes = 1 + (double)option_int(in->options, "n_samples") *
                                  (1 + rows * layers / (in->config->encoder_decoder ? 1 : 2));
    cost_forwards(c, in, passes, passes * (double)in->n_steps);
    perturb_cost_bytes(c, in, passes);
    cost_forward_bytes(c, in, 2, true); /* the clean run and a corrupted one */
    cost_result_bytes(c, in, (int64_t)layers);
}

const struct method method_activation_patching = {
    .decl = {.id = "activation_patching",
             .title = "Activation patching",
             .family = FAMILY_PERTURBATION,
             .axes = AXES_TOKENS_LAYERS,
             .needs_attributed_fn = true,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary =
                 "f(restored) − f(corrupted): the subject's embeddings get noise, and one "
                 "block's output at one token is put back as it was. Averaged over draws; the step "
                 "score total_effect is f(clean) − f(corrupted).",
             .paper =
                 "Meng et al. 2022, Locating and editing factual associations in GPT, section 2.1",
             .reference = "the authors' causal_trace; not in Inseq"},
    .run = run,
    .cost = cost,
};
