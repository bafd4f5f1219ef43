/*
 * ALTI-Logit. Ferrando, Gállego, Tsiamas and Costa-jussà 2023, "Explaining how Transformers use
 * context to build predictions", section 3: what each layer's attention adds to the logits by way
 * of each token's representation, straight through the final norm (held at the row's statistics),
 * traced back to the tokens with ALTI's layers below. Reference: the authors' logit-explanations
 * repository. The predicting token's own embedding, where its residual stream begins, is counted
 * as its own part, which that code leaves out. There the logit or the difference of two; here any
 * attributed function, whose gradient with respect to the logits takes the place of a row of the
 * unembedding. feed_forward adds what the feed-forward layers write, as if they were the predicting
 * position's: then the sum is the logit but for biases.
 */
#include "methods/engine/mixing.h"
#include "methods/internals/alti.h"

#include "backend/base/mem.h"

#include <stdlib.h>
#include <string.h>

static const struct option_decl options[] = {
    {.name = "feed_forward",
     .type = OPTION_BOOL,
     .default_value = "false",
     .help = "Count what feed-forward layers add too, shared out as ALTI shares the state that "
             "they read."},
};

struct trace {
    struct method_run *g;
    struct forward *f;
    bool feed_forward;
    float *direction; /* [G, D]: the function's gradient with respect to the last block's output */
    double *rows;     /* [G, T] */
    int64_t n, d;     /* T, D */
};

static double dot(const float *a, const float *b, int64_t n) {
    double sum = 0;
    for (int64_t k = 0; k < n; k++)
        sum += (double)a[k] * b[k];
    return sum;
}

/* The last block's output of every column's row, before the final norm: [G, D]. */
static enum err_code last_states(const struct trace *t, float *out, struct err *e) {
    const int64_t last = t->g->in->config->n_layers - 1;
    struct attention_parts p;
    enum err_code code = forward_attention_parts(t->f, ATTENTION_DECODER_SELF, last, &p, e);
    if (code)
        return code;
    float *sums = mem_alloc((size_t)(t->g->n_steps * t->d) * sizeof *sums);
    int64_t *rows = mem_alloc((size_t)t->g->n_steps * sizeof *rows);
    for (int64_t c = 0; c < t->g->n_steps; c++) {
        rows[c] = engine_row(t->g, c);
        parts_sum(&p, rows[c], sums + c * t->d);
    }
    attention_parts_dispose(&p);
    code = forward_block_rest(t->f, ATTENTION_DECODER_SELF, last, rows, sums, t->g->n_steps, false,
                              out, e);
    free(rows);
    free(sums);
    return code;
}

static enum err_code find_directions(struct trace *t, struct err *e) {
    const struct method_input *in = t->g->in;
    const int64_t n_row = method_row(in);
    float *states = mem_alloc((size_t)(t->g->n_steps * t->d) * sizeof *states);
    float *logits = malloc((size_t)n_row * sizeof *logits),
          *derivative = malloc((size_t)n_row * sizeof *derivative);
    enum err_code code = logits && derivative
                             ? last_states(t, states, e)
                             : err_set(e, ERR_NOMEM, "out of memory for one row of logits");
    if (code)
        goto out;
    for (int64_t c = 0; c < t->g->n_steps; c++) {
        struct position at = {0, engine_row(t->g, c)};
        code = forward_logits(t->f, &at, 1, logits, e);
        if (code)
            goto out;
        memset(derivative, 0, (size_t)n_row * sizeof *derivative);
        engine_attribute(t->g, c, logits, derivative);
        code = forward_logit_directions(t->f, states + c * t->d, derivative, 1,
                                        t->direction + c * t->d, e);
        if (code)
            goto out;
        code = engine_go_on(t->g->ctl, e);
        if (code)
            goto out;
    }
out:
    free(derivative);
    free(logits);
    free(states);
    return code;
}

/* What one column's row of a layer adds: its attention by token into `next`, its feed-forward layer
 * to the row itself. */
static enum err_code add_row(struct trace *t, const struct attention_parts *p, int64_t layer,
                             int64_t c, double *next, struct err *e) {
    const int64_t i = engine_row(t->g, c);
    const float *u = t->direction + c * t->d;
    float *moved = malloc((size_t)((i + 1) * t->d) * sizeof *moved),
          *states = mem_alloc((size_t)(2 * t->d) * sizeof *states);
    enum err_code code =
        moved ? ERR_OK : err_set(e, ERR_NOMEM, "out of memory for the shares of one token");
    if (code)
        goto out;
    parts_moved(p, i, -1, moved);
    for (int64_t j = 0; j <= i; j++)
        next[c * t->n + j] += dot(u, moved + j * t->d, t->d);
    parts_sum(p, i, states);
    if (t->feed_forward) {
        code = forward_block_rest(t->f, ATTENTION_DECODER_SELF, layer, &i, states, 1, false,
                                  states + t->d, e);
        t->rows[c * t->n + i] += dot(u, states + t->d, t->d) - dot(u, states, t->d);
    }
out:
    free(states);
    free(moved);
    return code;
}

/* rows: what is traced at the layer's output → at its input. */
static enum err_code one_layer(struct trace *t, int64_t layer, struct err *e) {
    struct rollout_method m = {.row = alti_row};
    struct attention_parts parts[2];
    struct rollout_view v;
    double *next = mem_alloc((size_t)(t->g->n_steps * t->n) * sizeof *next);
    float *own = mem_alloc((size_t)t->n * sizeof *own);
    enum err_code code = rollout_open(&v, &m, t->g, t->f, STACK_DECODER, layer, parts, e);
    if (code)
        goto out;
    for (int64_t c = 0; c < t->g->n_steps; c++) {
        code = add_row(t, &parts[0], layer, c, next, e);
        if (code)
            goto out;
        code = engine_go_on(t->g->ctl, e);
        if (code)
            goto out;
    }
    for (int64_t i = 0; i < t->n; i++) {
        bool taken = false;
        for (int64_t c = 0; c < t->g->n_steps; c++)
            taken |= t->rows[c * t->n + i] != 0;
        if (taken)
            code = alti_row(&v, i, own, NULL, e);
        if (code)
            goto out;
        for (int64_t c = 0; c < t->g->n_steps && taken; c++)
            for (int64_t j = 0; j <= i; j++)
                next[c * t->n + j] += t->rows[c * t->n + i] * own[j];
        code = engine_go_on(t->g->ctl, e);
        if (code)
            goto out;
    }
    /* The embedding itself, where the stack begins. */
    for (int64_t c = 0; c < t->g->n_steps && layer == 0; c++)
        next[c * t->n + engine_row(t->g, c)] +=
            dot(t->direction + c * t->d, parts[0].residual + engine_row(t->g, c) * t->d, t->d);
out:
    rollout_close(parts);
    memcpy(t->rows, next, (size_t)(t->g->n_steps * t->n) * sizeof *next);
    free(own);
    free(next);
    return code;
}

static enum err_code fill(struct method_run *g, struct forward *f, void *user, struct err *e) {
    struct trace t = {.g = g,
                      .f = f,
                      .feed_forward = option_bool(g->in->options, "feed_forward"),
                      .n = g->in->end - 1,
                      .d = g->in->config->n_width};
    struct scores *to = &g->out->target_attributions;
    (void)user;
    t.direction = mem_alloc((size_t)(g->n_steps * t.d) * sizeof *t.direction);
    t.rows = mem_alloc((size_t)(g->n_steps * t.n) * sizeof *t.rows);
    enum err_code code = find_directions(&t, e);
    if (code)
        goto out;
    for (int64_t layer = g->in->config->n_layers - 1; layer >= 0; layer--) {
        code = one_layer(&t, layer, e);
        run_progress(g->ctl, "attributing", g->in->config->n_layers - layer,
                     g->in->config->n_layers);
        if (code)
            goto out;
    }
    for (int64_t c = 0; c < g->n_steps; c++)
        for (int64_t j = 0; j <= engine_row(g, c); j++)
            to->data[j * g->n_steps + c] = (float)t.rows[c * t.n + j];
out:
    free(t.rows);
    free(t.direction);
    return code;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    if (in->config->encoder_decoder)
        return err_set(e, ERR_UNSUPPORTED,
                       "alti_logit: this model norms what each block yields, so that blocks do not "
                       "add up to the logits; use alti");
    return mixing_tokens(out, in, fill, NULL, ctl, e);
}

static void cost(struct cost *c, const struct cost_input *in) {
    mixing_cost(c, in, MIXING_ALL_SHARES, 1);
    /* The attributed function's derivative, back to the last state. */
    c->logits += (double)in->n_steps;
}

const struct method method_alti_logit = {
    .decl = {.id = "alti_logit",
             .title = "ALTI-Logit",
             .family = FAMILY_INTERNALS,
             .axes = AXES_TOKENS,
             .needs_attributed_fn = true,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary =
                 "What every attention layer adds to the attributed logits through each token's "
                 "representation, u · Σ α f(x_j), traced to the tokens by ALTI. For models "
                 "whose blocks add to one residual stream.",
             .paper = "Ferrando et al. 2023, Explaining how Transformers use context to build "
                      "predictions, section 3",
             .reference = "the authors' logit-explanations; not in Inseq; takes any attributed "
                          "function, also contrastive, and adds to the predicting token what its "
                          "own embedding gives the logits"},
    .logits_only = true,
    .run = run,
    .cost = cost,
};
