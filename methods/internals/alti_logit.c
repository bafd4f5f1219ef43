/*
 * ALTI-Logit. Ferrando, Gállego, Tsiamas and Costa-jussà 2023, "Explaining how Transformers use
 * context to build predictions", section 3: what each layer's attention adds to the logits by way
 * of each token's representation, straight through the final norm (held at the row's statistics),
 * traced back to the tokens with ALTI's layers below. Reference: the authors' logit-explanations
 * repository. The predicting token's own embedding, where its residual stream begins, is counted
 * as its own part, which that code leaves out. There the logit or the difference of two; here any
 * attributed function, whose gradient with respect to the logits takes the place of a row of the
 * unembedding. feed_forward adds what the feed-forward layers write, as if they were the predicting
 * position's: then the sum is the logit but for biases. An encoder-decoder whose decoder adds to
 * one stream (T5, mBART, Pegasus, NLLB) has cross-attentions too: what they add is the source's,
 * traced through the encoder with ALTI+. Where a state is normed before it is added to (post-norm)
 * layers do not add up to the logits.
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
    double *source;   /* [G, S] what is traced to the encoder's output */
    int64_t n, d;     /* T, D */
};

/* A block's last attention, after which the rest of it stands. */
static enum attention_kind last_kind(const struct trace *t) {
    return t->g->in->config->encoder_decoder ? ATTENTION_CROSS : ATTENTION_DECODER_SELF;
}

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
    enum err_code code = forward_attention_parts(t->f, last_kind(t), last, &p, e);
    if (code)
        return code;
    float *sums = mem_alloc((size_t)(t->g->n_steps * t->d) * sizeof *sums);
    int64_t *rows = mem_alloc((size_t)t->g->n_steps * sizeof *rows);
    for (int64_t c = 0; c < t->g->n_steps; c++) {
        rows[c] = engine_row(t->g, c);
        parts_sum(&p, rows[c], sums + c * t->d);
    }
    attention_parts_dispose(&p);
    code = forward_block_rest(t->f, last_kind(t), last, rows, sums, t->g->n_steps, false, out, e);
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

/* What an attention moves to one column's row, along the column's direction: added to `to` by
 * key. */
static enum err_code add_moved(const struct trace *t, const struct attention_parts *p, int64_t c,
                               double *to, struct err *e) {
    const int64_t i = engine_row(t->g, c), n = parts_keys(p, i);
    float *moved = malloc((size_t)(n * t->d) * sizeof *moved);
    if (!moved)
        return err_set(e, ERR_NOMEM, "out of memory for the shares of one token");
    parts_moved(p, i, -1, moved);
    for (int64_t j = 0; j < n; j++)
        to[j] += dot(t->direction + c * t->d, moved + j * t->d, t->d);
    free(moved);
    return ERR_OK;
}

/* What the feed-forward layer adds along one column's direction, to the row itself. */
static enum err_code add_feed_forward(struct trace *t, const struct attention_parts *last,
                                      int64_t layer, int64_t c, struct err *e) {
    const int64_t i = engine_row(t->g, c);
    const float *u = t->direction + c * t->d;
    float *states = mem_alloc((size_t)(2 * t->d) * sizeof *states);
    parts_sum(last, i, states);
    enum err_code code =
        forward_block_rest(t->f, last_kind(t), layer, &i, states, 1, false, states + t->d, e);
    if (!code)
        t->rows[c * t->n + i] += dot(u, states + t->d, t->d) - dot(u, states, t->d);
    free(states);
    return code;
}

/* What one column's row of a layer adds: its attentions by token into `next` and the source's, its
 * feed-forward layer to the row itself. */
static enum err_code add_row(struct trace *t, const struct rollout_view *v, int64_t c, double *next,
                             struct err *e) {
    enum err_code code = add_moved(t, v->self, c, next + c * t->n, e);
    if (code)
        return code;
    if (v->cross)
        code = add_moved(t, v->cross, c, t->source + c * t->g->in->n_source, e);
    if (code)
        return code;
    if (t->feed_forward)
        code = add_feed_forward(t, v->cross ? v->cross : v->self, v->layer, c, e);
    return code ? code : engine_go_on(t->g->ctl, e);
}

/* ALTI's shares of row i of a layer's output: `rows` [G, n] of it go to `next` [G, n] of its input,
 * and to the source. */
static enum err_code trace_row(struct trace *t, const struct rollout_view *v, int64_t i,
                               const double *rows, int64_t n, double *next, struct err *e) {
    const int64_t n_source = t->g->in->n_source;
    bool taken = false;
    for (int64_t c = 0; c < t->g->n_steps; c++)
        taken |= rows[c * n + i] != 0;
    if (!taken)
        return ERR_OK;
    float *own = mem_alloc((size_t)n * sizeof *own),
          *source = mem_alloc((size_t)n_source * sizeof *source);
    enum err_code code = alti_row(v, i, own, source, e);
    for (int64_t c = 0; c < t->g->n_steps && !code; c++) {
        for (int64_t j = 0; j < n; j++)
            next[c * n + j] += rows[c * n + i] * own[j];
        for (int64_t j = 0; j < n_source && v->cross; j++)
            t->source[c * n_source + j] += rows[c * n + i] * source[j];
    }
    free(source);
    free(own);
    return code ? code : engine_go_on(t->g->ctl, e);
}

/* rows [G, n]: what is traced at the layer's output → at its input. */
static enum err_code one_layer(struct trace *t, enum model_stack stack, int64_t layer, double *rows,
                               int64_t n, struct err *e) {
    struct rollout_method m = {.row = alti_row};
    struct attention_parts parts[2];
    struct rollout_view v;
    const int64_t n_steps = t->g->n_steps;
    double *next = mem_alloc((size_t)(n_steps * n) * sizeof *next);
    enum err_code code = rollout_open(&v, &m, t->g, t->f, stack, layer, parts, e);
    if (code)
        goto out;
    for (int64_t c = 0; c < n_steps && stack == STACK_DECODER; c++) {
        code = add_row(t, &v, c, next, e);
        if (code)
            goto out;
    }
    for (int64_t i = 0; i < n; i++) {
        code = trace_row(t, &v, i, rows, n, next, e);
        if (code)
            goto out;
    }
    /* The embedding itself, where the stack begins. */
    for (int64_t c = 0; c < n_steps && stack == STACK_DECODER && layer == 0; c++)
        next[c * n + engine_row(t->g, c)] +=
            dot(t->direction + c * t->d, parts[0].residual + engine_row(t->g, c) * t->d, t->d);
out:
    rollout_close(parts);
    memcpy(rows, next, (size_t)(n_steps * n) * sizeof *next);
    free(next);
    return code;
}

static enum err_code one_stack(struct trace *t, enum model_stack stack, double *rows, int64_t n,
                               struct err *e) {
    const struct model_config *m = t->g->in->config;
    const int64_t n_layers = model_config_sizes(m, stack)->n_layers,
                  before = stack == STACK_ENCODER ? m->n_layers : 0;
    for (int64_t layer = n_layers - 1; layer >= 0; layer--) {
        enum err_code code = one_layer(t, stack, layer, rows, n, e);
        run_progress(t->g->ctl, "attributing", before + n_layers - layer,
                     m->n_layers + m->encoder_sizes.n_layers);
        if (code)
            return code;
    }
    return ERR_OK;
}

static void take(struct scores *to, const double *rows, int64_t n, int64_t c, int64_t n_seen) {
    for (int64_t j = 0; j < n_seen && to->data; j++)
        to->data[j * to->dims[1] + c] = (float)rows[c * n + j];
}

static enum err_code fill(struct method_run *g, struct forward *f, void *user, struct err *e) {
    const int64_t n_source = g->in->n_source;
    struct trace t = {.g = g,
                      .f = f,
                      .feed_forward = option_bool(g->in->options, "feed_forward"),
                      .n = g->in->end - 1,
                      .d = g->in->config->n_width};
    (void)user;
    t.direction = mem_alloc((size_t)(g->n_steps * t.d) * sizeof *t.direction);
    t.rows = mem_alloc((size_t)(g->n_steps * t.n) * sizeof *t.rows);
    t.source = mem_alloc((size_t)(g->n_steps * n_source) * sizeof *t.source);
    enum err_code code = find_directions(&t, e);
    if (code)
        goto out;
    code = one_stack(&t, STACK_DECODER, t.rows, t.n, e);
    if (code)
        goto out;
    if (g->in->config->encoder_decoder)
        code = one_stack(&t, STACK_ENCODER, t.source, n_source, e);
    if (code)
        goto out;
    for (int64_t c = 0; c < g->n_steps; c++) {
        take(&g->out->target_attributions, t.rows, t.n, c, engine_row(g, c) + 1);
        take(&g->out->source_attributions, t.source, n_source, c, n_source);
    }
out:
    free(t.source);
    free(t.rows);
    free(t.direction);
    return code;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    if (plan_norms_sums(&in->config->decoder))
        return err_set(
            e, ERR_UNSUPPORTED,
            "alti_logit: this model norms sums before it adds to them, so that layers do "
            "not add up to the logits; use alti");
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
                 "whose blocks add to one residual stream, encoder-decoders among them.",
             .paper = "Ferrando et al. 2023, Explaining how Transformers use context to build "
                      "predictions, section 3",
             .reference = "the authors' logit-explanations; not in Inseq; takes any attributed "
                          "function, also contrastive, and adds to the predicting token what its "
                          "own embedding gives the logits"},
    .logits_only = true,
    .run = run,
    .cost = cost,
};
