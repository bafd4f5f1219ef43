/*
 * Attention weights, of every layer and head. Bahdanau et al. 2015; as an explanation discussed by
 * Jain and Wallace 2019 and Wiegreffe and Pinter 2019. Column p reads the query position p − 1,
 * which generated its token. Reference: Inseq 0.7.1, attr/feat/internals_attribution.py; unlike
 * there, step scores can be asked for too.
 */
#include "methods/engine/engine.h"

#include "backend/base/mem.h"

#include <stdlib.h>

struct layers {
    int64_t n_layers, n_heads, n_query, n_key;
};

/* Copies one layer's weights of the columns' own rows [H, G, Tk] into out [key, column, L, H]. */
static void take_columns(const struct method_run *g, struct scores *out, const float *weights,
                         const struct layers *l, int64_t layer, bool causal) {
    for (int64_t c = 0; c < g->n_steps; c++) {
        int64_t n_key = causal ? engine_row(g, c) + 1 : l->n_key;
        /* Heads lie together where they go, and that is far from the cache. */
        for (int64_t k = 0; k < n_key; k++)
            for (int64_t h = 0; h < l->n_heads; h++)
                out->data[((k * g->n_steps + c) * l->n_layers + layer) * l->n_heads + h] =
                    weights[(h * g->n_steps + c) * l->n_key + k];
    }
}

/* Copies one layer's weights into a sequence score [key, query, L, H]; what a causal query cannot
 * see is 0. */
static void take_square(struct scores *out, const float *weights, const struct layers *l,
                        int64_t layer) {
    for (int64_t k = 0; k < l->n_key; k++)
        for (int64_t q = 0; q < l->n_query; q++)
            for (int64_t h = 0; h < l->n_heads; h++)
                out->data[((k * l->n_query + q) * l->n_layers + layer) * l->n_heads + h] =
                    weights[(h * l->n_query + q) * l->n_key + k];
}

/* `square`: all queries' weights; else only those of the rows that generated the columns: a long
 * prompt's square would need gigabytes. */
static enum err_code each_layer(struct method_run *g, struct forward *f, enum attention_kind kind,
                                struct scores *out, const struct layers *l, bool square,
                                struct err *e) {
    const int64_t first = square ? 0 : engine_row(g, 0), n = square ? l->n_query : g->n_steps;
    float *weights = malloc((size_t)(l->n_heads * n * l->n_key) * sizeof *weights);
    enum err_code code =
        weights ? ERR_OK : err_set(e, ERR_NOMEM, "out of memory for one layer's attention weights");
    if (code)
        goto out;
    for (int64_t layer = 0; layer < l->n_layers; layer++) {
        code = forward_attentions(f, kind, layer, first, n, weights, e);
        if (code)
            goto out;
        if (square)
            take_square(out, weights, l, layer);
        else
            take_columns(g, out, weights, l, layer, kind == ATTENTION_DECODER_SELF);
        code = engine_go_on(g->ctl, e);
        if (code)
            goto out;
    }
out:
    free(weights);
    return code;
}

static enum err_code add_square(struct method_run *g, struct forward *f, enum attention_kind kind,
                                const char *name, const struct layers *l, struct err *e) {
    struct attribution_sequence *out = g->out;
    struct scores s;
    if (!scores_init(&s, 4, (int64_t[]){l->n_key, l->n_query, l->n_layers, l->n_heads}, 0))
        return err_set(e, ERR_NOMEM, "out of memory for %s", name);
    out->sequence_scores = mem_resize(out->sequence_scores,
                                      (out->n_sequence_scores + 1) * sizeof *out->sequence_scores);
    out->sequence_scores[out->n_sequence_scores].scores = s;
    out->sequence_scores[out->n_sequence_scores++].name = mem_text(name);
    return each_layer(g, f, kind, &out->sequence_scores[out->n_sequence_scores - 1].scores, l, true,
                      e);
}

static enum err_code fill(struct method_run *g, struct forward *f, void *user, struct err *e) {
    const struct model_config *c = g->in->config;
    int64_t n_target = g->in->end - 1;
    bool has_self = plan_has(&c->decoder, PART_ATTENTION);
    struct layers self = {c->n_layers, c->n_heads, n_target, n_target},
                  cross = {c->n_layers, c->n_heads, n_target, g->in->n_source};
    struct layers encoder = {c->encoder_sizes.n_layers, c->encoder_sizes.n_heads, g->in->n_source,
                             g->in->n_source};
    struct attribution_sequence *out = g->out;
    (void)user;
    if (!c->encoder_decoder)
        return each_layer(g, f, ATTENTION_DECODER_SELF, &out->target_attributions, &self, false, e);
    enum err_code code =
        each_layer(g, f, ATTENTION_CROSS, &out->source_attributions, &cross, false, e);
    if (code)
        return code;
    if (g->in->attribute_target)
        code = each_layer(g, f, ATTENTION_DECODER_SELF, &out->target_attributions, &self, false, e);
    else if (has_self)
        code = add_square(g, f, ATTENTION_DECODER_SELF, "decoder_self_attentions", &self, e);
    if (code)
        return code;
    return add_square(g, f, ATTENTION_ENCODER_SELF, "encoder_self_attentions", &encoder, e);
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    const struct model_config *c = in->config;
    struct method_run g;
    out->class = ATTRIBUTION_MULTI_DIMENSIONAL;
    if (!plan_has(&c->decoder, PART_ATTENTION) && in->attribute_target)
        return err_set(e, ERR_UNSUPPORTED,
                       "this model's decoder is recurrent and has no self-attention: attention "
                       "cannot attribute the target side");
    enum err_code code = engine_open(&g, out, in, ctl, e);
    if (code)
        goto out;
    code = engine_shape(&g, 2, (int64_t[]){c->n_layers, c->n_heads}, e);
    if (code)
        goto out;
    code = engine_look(&g, &(struct forward_input){.keep_attentions = true}, fill, NULL, e);
out:
    engine_close(&g);
    return code;
}

/* Queries and keys of every layer are kept; weights are made of them a layer at a time. */
static void cost(struct cost *c, const struct cost_input *in) {
    const struct model_config *m = in->config;
    const double s = (double)in->n_source, t = (double)in->n_target, g = (double)in->n_steps,
                 width = (double)(m->n_heads * m->n_head_width);
    const double source_width = (double)(m->encoder_sizes.n_heads * m->encoder_sizes.n_head_width);
    const double square = s * s * (double)m->encoder_sizes.n_heads,
                 own = m->encoder_decoder && !in->attribute_target ? t * t : g * t;
    const double heads = (double)((m->n_heads + m->n_kv_heads) * m->n_head_width);
    cost_forwards(c, in, 1, g);
    cost_forward_bytes(c, in, 1, false);
    cost_result_bytes(c, in, m->n_layers * m->n_heads);
    c->bytes += (double)in->element_bytes *
                ((double)m->n_layers * (t * heads + (m->encoder_decoder ? (t + s) * width : 0)) +
                 (double)m->encoder_sizes.n_layers * 2 * s * source_width);
    if (m->encoder_decoder) /* the sequence scores */
        c->bytes += (double)sizeof(float) *
                    ((double)m->encoder_sizes.n_layers * square +
                     (in->attribute_target ? 0 : (double)(m->n_layers * m->n_heads) * t * t));
    c->bytes += 2 * (double)sizeof(float) * ((double)m->n_heads * own + square);
}

const struct method method_attention = {
    .columns = COLUMNS_TOGETHER,
    .decl = {.id = "attention",
             .title = "Attention weights",
             .family = FAMILY_INTERNALS,
             .axes = AXES_TOKENS_LAYERS_HEADS,
             .summary = "The attention weights of every layer and head, from the position that "
                        "predicts each token. No attributed function takes part.",
             .paper = "Bahdanau et al. 2015; Wiegreffe and Pinter 2019 on what it can explain",
             .reference = "Inseq's attention; allows step scores",
             .needs = "attention weights (a recurrent decoder has none of its own, only those to "
                      "the source); no attributed function"},
    .run = run,
    .cost = cost,
};
