#include "methods/engine/engine_extra.h"

#include "backend/base/mem.h"
#include "methods/engine/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PASSES 8 /* with dropout at a time */

static bool same_source(const struct method_input *in) {
    return !in->contrast_source_ids || (in->n_contrast_source == in->n_source &&
                                        memcmp(in->contrast_source_ids, in->source_ids,
                                               (size_t)in->n_source * sizeof *in->source_ids) == 0);
}

bool engine_contrast_is_input(const struct method_run *g, int64_t c) {
    const struct method_input *in = g->in;
    return in->config->encoder_decoder && same_source(in) && in->alignment[c] == in->start + c &&
           memcmp(in->contrast_ids, in->target_ids,
                  (size_t)in->alignment[c] * sizeof *in->target_ids) == 0;
}

bool engine_contrast_moves(const struct method_run *g, enum model_stack stack) {
    const struct method_input *in = g->in;
    if (!g->forced || !in->config->encoder_decoder)
        return false;
    if (stack == STACK_ENCODER)
        return same_source(in);
    for (int64_t c = 0; c < g->n_steps; c++)
        if (in->alignment[c] != in->start + c ||
            memcmp(in->contrast_ids, in->target_ids,
                   (size_t)in->alignment[c] * sizeof *in->target_ids) != 0)
            return false;
    return !same_source(in);
}

struct forward_input engine_contrast_input(const struct method_run *g, int64_t n_batch,
                                           const int64_t *columns, int64_t n) {
    const struct method_input *in = g->in;
    const bool own = in->contrast_source_ids;
    int64_t last = 0;
    for (int64_t i = 0; i < n; i++)
        last = in->alignment[columns[i]] > last ? in->alignment[columns[i]] : last;
    return (struct forward_input){.n_batch = n_batch,
                                  .source_ids = own ? in->contrast_source_ids : in->source_ids,
                                  .n_source = own ? in->n_contrast_source : in->n_source,
                                  .target_ids = in->contrast_ids,
                                  .n_target = last};
}

static int64_t contrast_until(const struct method_run *g, int64_t c) {
    return model_config_alike_until(g->in->config, g->in->alignment[c]);
}

/* Up to the last foil of all columns whose contrasts' runs are alike to column c's. */
static enum err_code run_contrast(struct method_run *g, int64_t c, struct err *e) {
    const int64_t until = contrast_until(g, c);
    int64_t *columns = mem_alloc((size_t)g->n_steps * sizeof *columns), n = 0;
    for (int64_t i = 0; i < g->n_steps; i++)
        if (contrast_until(g, i) == until)
            columns[n++] = i;
    struct forward_input forward = engine_contrast_input(g, 1, columns, n);
    free(columns);
    forward_free(g->contrast);
    g->contrast = NULL;
    g->contrast_until = until;
    return model_forward(&g->contrast, g->in->model, &forward, g->ctl, e);
}

enum err_code engine_extra_contrast_logits(struct method_run *g, int64_t c, float *out,
                                           struct err *e) {
    const struct position at = {0, g->in->alignment[c] - 1};
    enum err_code code = ERR_OK;
    if (contrast_until(g, c) != g->contrast_until)
        code = run_contrast(g, c, e);
    if (code)
        return code;
    return forward_logits(g->contrast, &at, 1, out, e);
}

enum err_code engine_extra_contrast(struct method_run *g, bool forced, struct err *e) {
    const int64_t n_row = method_row(g->in);
    g->contrast_logits = mem_alloc((size_t)n_row * sizeof(float));
    enum err_code code = run_contrast(g, 0, e);
    if (code || !forced)
        return code;
    g->forced = malloc((size_t)(g->n_steps * n_row) * sizeof *g->forced);
    if (!g->forced)
        return err_set(e, ERR_NOMEM,
                       "out of memory for the contrast's logits; attribute fewer steps");
    for (int64_t c = 0; c < g->n_steps; c++) {
        if (!engine_wants(g, c))
            continue;
        code = engine_extra_contrast_logits(g, c, g->forced + c * n_row, e);
        if (code)
            return code;
    }
    return code;
}

/* Columns whose runs are alike. */
struct range {
    int64_t first, end;
};

/* What a function's passes with dropout are. */
struct noise {
    int64_t passes;
    uint64_t seed;
    double rate; /* 0: the model's own rates */
};

/* Log-probabilities of these columns' targets in passes [from, from + n) with dropout; out [G,
 * passes]. */
static enum err_code noisy_batch(struct method_run *g, struct range columns,
                                 const struct noise *noise, int64_t from, int64_t n, double *out,
                                 struct err *e) {
    const int64_t passes = noise->passes;
    const struct method_input *in = g->in;
    struct forward *f = NULL;
    struct forward_input forward = {.n_batch = n,
                                    .source_ids = in->source_ids,
                                    .n_source = in->n_source,
                                    .target_ids = in->target_ids,
                                    .n_target = engine_row(g, columns.end - 1) + 1,
                                    .dropout = true,
                                    .dropout_rate = noise->rate,
                                    .dropout_seed = (noise->seed << 32) + (uint64_t)from};
    float *logits = mem_alloc((size_t)method_row(in) * sizeof *logits);
    enum err_code code = model_forward(&f, in->model, &forward, g->ctl, e);
    if (code)
        goto out;
    for (int64_t k = columns.first * n; k < columns.end * n; k++) {
        int64_t c = k / n;
        struct position at = {k % n, engine_row(g, c)};
        code = forward_logits(f, &at, 1, logits, e);
        if (code)
            goto out;
        out[c * passes + from + k % n] =
            step_token_score(logits, in->config->n_vocab, engine_target(g, c), true);
        code = engine_go_on(g->ctl, e);
        if (code)
            goto out;
    }
out:
    forward_free(f);
    free(logits);
    return code;
}

static enum err_code noisy_columns(struct method_run *g, struct range columns,
                                   const struct noise *noise, double *out, struct err *e) {
    const struct method_input *in = g->in;
    const int64_t n_target = engine_row(g, columns.end - 1) + 1,
                  bytes = model_forward_bytes(in->model, 1, in->n_source, n_target, false),
                  batch = engine_fit(in->memory_budget, bytes, MOST_PASSES);
    for (int64_t i = 0; i < noise->passes; i += batch) {
        const int64_t n = noise->passes - i < batch ? noise->passes - i : batch;
        enum err_code code = noisy_batch(g, columns, noise, i, n, out, e);
        if (code)
            return code;
    }
    return ERR_OK;
}

static enum err_code noisy_passes(struct method_run *g, const struct step_request *r, double **out,
                                  struct err *e) {
    const struct method_input *in = g->in;
    if (!r->function || !r->function->noisy)
        return ERR_OK;
    const struct noise noise = {.passes = option_int(&r->options, "n_mcd_steps"),
                                .seed = (uint64_t)option_int(&r->options, "seed"),
                                .rate = option_float(&r->options, "dropout")};
    const struct dropout_rates *own = &in->config->dropout;
    *out = mem_alloc((size_t)(g->n_steps * noise.passes) * sizeof **out);
    enum err_code code = ERR_OK;
    for (int64_t i = 0; i < g->n_steps * noise.passes; i++)
        (*out)[i] = NAN; /* a model without dropout is as sure as can be */
    if (own->embedding + own->attention + own->residual + own->activation + noise.rate == 0)
        return ERR_OK;
    for (struct range at = {0, 0}; at.first < g->n_steps && !code; at.first = at.end) {
        at.end = at.first +
                 model_config_steps_alike(in->config, in->start + at.first, g->n_steps - at.first);
        code = noisy_columns(g, at, &noise, *out, e);
    }
    return code;
}

enum err_code engine_extra_noisy(struct method_run *g, struct err *e) {
    const struct method_input *in = g->in;
    g->noisy = mem_alloc((in->n_scores + 1) * sizeof *g->noisy);
    enum err_code code = noisy_passes(g, &in->target, &g->noisy[0], e);
    if (code)
        return code;
    for (size_t i = 0; i < in->n_scores; i++) {
        code = noisy_passes(g, &in->scores[i], &g->noisy[i + 1], e);
        if (code)
            return code;
    }
    return code;
}
