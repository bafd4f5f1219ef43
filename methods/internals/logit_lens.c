/*
 * The logit lens. nostalgebraist 2020, "interpreting GPT: the logit lens": the model's final norm
 * and head are applied to what each block of the decoder yields, as if the model ended there. A
 * column's map says, for its token y: how much each position's state in each layer already speaks
 * for y. The row before y's own is the one that predicts it; its last layer is the model's own
 * value.
 */
#include "methods/engine/layers.h"

#include "backend/base/mem.h"

#include <stdlib.h>

/* Rows of logits at a time. */
#define GROUP 16

static const struct option_decl options[] = {
    {.name = "layers",
     .type = OPTION_JSON,
     .default_value = "\"all\"",
     .help = "Which blocks: 1, [1, 4], \"2:6\" (half-open) or \"all\"; the first is 0, negative "
             "numbers count from the last."},
    {.name = "module",
     .type = OPTION_CHOICE,
     .default_value = "block",
     .choices = layer_modules,
     .help = "Whose output is read: the whole block's, or its self-attention's or feed-forward "
             "layer's share of it alone."},
    {.name = "stack",
     .type = OPTION_CHOICE,
     .default_value = "decoder",
     .choices = layer_stacks,
     .help = "Always decoder: its states become words."},
};

struct lens {
    struct method_run engine;
    struct layer_choice choice;
    struct forward *f;
    float *logits;
    int64_t n_vocab;
};

/* Rows [row, row + n) of one layer, for every column that sees them. */
static enum err_code read_rows(struct lens *l, int64_t layer, int64_t row, int64_t n,
                               struct err *e) {
    struct method_run *g = &l->engine;
    struct position at[GROUP];
    for (int64_t i = 0; i < n; i++)
        at[i] = (struct position){0, row + i};
    enum err_code code = forward_lens(l->f, layer, at, n, l->logits, e);
    if (code)
        return code;
    for (int64_t i = 0; i < n; i++) {
        for (int64_t c = row + i < g->in->start ? 0 : row + i - g->in->start + 1; c < g->n_steps;
             c++)
            g->out->target_attributions.data[((row + i) * g->n_steps + c) * l->choice.n + layer] =
                (float)engine_attribute(g, c, l->logits + i * l->n_vocab, NULL);
        code = engine_go_on(g->ctl, e);
        if (code)
            return code;
    }
    return code;
}

/* Rows in order, so that a column is finished with the row that predicts it. */
static enum err_code read_all(struct method_run *g, struct forward *f, void *user, struct err *e) {
    struct lens *l = user;
    const int64_t n_rows = g->in->end - 1;
    l->f = f;
    for (int64_t row = 0, n; row < n_rows; row += n) {
        n = n_rows - row < GROUP ? n_rows - row : GROUP;
        for (int64_t layer = 0; layer < l->choice.n; layer++) {
            enum err_code code = read_rows(l, layer, row, n, e);
            if (code)
                return code;
        }
        for (int64_t c = 0; c < g->n_steps; c++)
            if (engine_row(g, c) >= row && engine_row(g, c) < row + n)
                engine_publish(g, c);
        run_progress(g->ctl, "attributing", row + n, n_rows);
    }
    return ERR_OK;
}

static enum err_code open_lens(struct lens *l, struct err *e) {
    enum err_code code = layers_read(&l->choice, "logit_lens", l->engine.in, true, e);
    if (code)
        return code;
    code = layers_shape(&l->engine, &l->choice, 1, &l->choice.n, e);
    if (code)
        return code;
    l->logits = malloc((size_t)(GROUP * l->n_vocab) * sizeof *l->logits);
    return l->logits ? ERR_OK : err_set(e, ERR_NOMEM, "out of memory for %d rows of logits", GROUP);
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct lens l = {.n_vocab = in->config->n_vocab};
    out->class = ATTRIBUTION_MULTI_DIMENSIONAL;
    enum err_code code = engine_open(&l.engine, out, in, ctl, e);
    if (code)
        goto out;
    l.engine.own_progress = true;
    code = open_lens(&l, e);
    if (code)
        goto out;
    const struct forward_input sites = {.sites = l.choice.sites, .n_sites = l.choice.n_sites};
    code = engine_look(&l.engine, &sites, read_all, &l, e);
out:
    free(l.logits);
    layers_dispose(&l.choice);
    engine_close(&l.engine);
    return code;
}

static void cost(struct cost *c, const struct cost_input *in) {
    const double n_layers = (double)layers_count(in->options, in->config);
    cost_forwards(c, in, 1, n_layers * (double)in->n_target + (double)in->n_steps);
    cost_forward_bytes(c, in, 1, false);
    cost_result_bytes(c, in, (int64_t)n_layers);
    c->bytes += n_layers * (double)(in->n_target * in->config->n_width * in->element_bytes);
}

const struct method method_logit_lens = {
    .columns = COLUMNS_TOGETHER,
    .decl = {.id = "logit_lens",
             .title = "Logit lens",
             .family = FAMILY_INTERNALS,
             .axes = AXES_TOKENS_LAYERS,
             .needs_attributed_fn = true,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "f of head(norm(a)), where a is what each block of the decoder yields at "
                        "each position: how much it speaks for the token already. The last row of "
                        "a column predicts it, and its last layer is the model's own value.",
             .paper = "nostalgebraist 2020, interpreting GPT: the logit lens",
             .reference = "the model's own final norm and head; not in Inseq"},
    .logits_only = true,
    .run = run,
    .cost = cost,
};
