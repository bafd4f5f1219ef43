/*
 * Value zeroing. Mohebbi et al. 2023, "Quantifying context mixing in Transformers", section 3: how
 * much a block's output changes when the value of one token is zeroed, in each layer from its clean
 * input. Only the row's own sum changes, by what that token moved to it, so the rest of the block
 * runs for a batch of changed sums and the model runs once. Reference: Inseq 0.7.1,
 * attr/feat/ops/value_zeroing.py, which runs on Marian only, and there has no euclidean; distances
 * below its 1e-5 are 0 here too. A feed-forward layer beside attention reads the block's input,
 * which a zeroed value does not change.
 */
#include "methods/engine/mixing.h"
#include "methods/engine/units.h"

#include "backend/base/mem.h"
#include "methods/engine/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEAST 1e-5f   /* Inseq's min_score_threshold */
#define MOST_ROWS 512 /* of one call: cancelling waits for it */

static const char *const metrics[] = {"cosine", "euclidean", NULL};

static const struct option_decl options[] = {
    {.name = "similarity_metric",
     .type = OPTION_CHOICE,
     .default_value = "cosine",
     .choices = metrics,
     .help = "How outputs are compared: 1 − cosine, or their euclidean distance."},
    {.name = "encoder_zeroed_units_indices",
     .type = OPTION_JSON,
     .default_value = "null",
     .help = "Heads of the encoder's self-attention that are zeroed: 1, [0, 3], \"2:6\", or by "
             "layer {\"0\": [1, 2]} (layers left out score 0); null: all."},
    {.name = "decoder_zeroed_units_indices",
     .type = OPTION_JSON,
     .default_value = "null",
     .help = "The same for the decoder's self-attention."},
    {.name = "cross_zeroed_units_indices",
     .type = OPTION_JSON,
     .default_value = "null",
     .help = "The same for cross-attention."},
    {.name = "output_decoder_self_scores",
     .type = OPTION_BOOL,
     .default_value = "true",
     .help = "Encoder-decoders: add the sequence scores decoder_self_scores, unless targets are "
             "attributed."},
    {.name = "output_encoder_self_scores",
     .type = OPTION_BOOL,
     .default_value = "true",
     .help = "Encoder-decoders: add the sequence scores encoder_self_scores."},
};

struct choice {
    struct units heads[3];
    bool euclidean;
};

static double distance(const float *a, const float *b, int64_t n, bool euclidean) {
    double ab = 0, aa = 0, bb = 0, d = 0;
    for (int64_t k = 0; k < n; k++) {
        ab += (double)a[k] * b[k];
        aa += (double)a[k] * a[k];
        bb += (double)b[k] * b[k];
        d += ((double)a[k] - b[k]) * ((double)a[k] - b[k]);
    }
    return euclidean ? sqrt(d) : 1 - ab / (fmax(sqrt(aa), 1e-8) * fmax(sqrt(bb), 1e-8));
}

/* Distances below the least are 0; the others share 1. */
static void normalise(float *row, int64_t n) {
    double sum = 0;
    for (int64_t j = 0; j < n; j++) {
        row[j] = row[j] < LEAST ? 0 : row[j];
        sum += row[j];
    }
    for (int64_t j = 0; j < n && sum > 0; j++)
        row[j] = (float)(row[j] / sum);
}

static enum err_code score_row(const struct mixing_view *v, int64_t i, float *row, struct err *e) {
    const struct attention_parts *p = v->parts;
    const struct choice *choice = v->user;
    const struct units *heads = &choice->heads[v->kind];
    const int64_t n = parts_keys(p, i), d = p->width;
    memset(row, 0, (size_t)n * sizeof *row);
    if (!units_has_layer(heads, v->layer))
        return ERR_OK;
    bool *zeroed = mem_alloc((size_t)p->n_heads * sizeof *zeroed);
    for (int64_t h = 0; h < p->n_heads; h++)
        zeroed[h] = units_has(heads, v->layer, h);
    int64_t *rows = mem_alloc((size_t)(n + 1) * sizeof *rows);
    for (int64_t j = 0; j <= n; j++)
        rows[j] = i;
    float *sums = malloc((size_t)((n + 1) * d) * sizeof *sums),
          *outputs = malloc((size_t)((n + 1) * d) * sizeof *outputs);
    enum err_code code =
        sums && outputs
            ? ERR_OK
            : err_set(e, ERR_NOMEM, "out of memory for the %lld changed states of one token",
                      (long long)n);
    if (code)
        goto out;
    parts_sum(p, i, sums);
    parts_zeroed(p, i, zeroed, sums + d);
    const int64_t most =
        engine_fit(v->g->in->memory_budget, forward_block_rest_bytes(v->f), MOST_ROWS);
    for (int64_t at = 0; at <= n; at += most) {
        code = forward_block_rest(v->f, v->kind, v->layer, rows, sums + at * d,
                                  n + 1 - at < most ? n + 1 - at : most, true, outputs + at * d, e);
        if (code)
            goto out;
        code = engine_go_on(v->g->ctl, e);
        if (code)
            goto out;
    }
    for (int64_t j = 0; j < n; j++)
        row[j] = (float)distance(outputs, outputs + (j + 1) * d, d, choice->euclidean);
    normalise(row, n);
out:
    free(outputs);
    free(sums);
    free(rows);
    free(zeroed);
    return code;
}

static enum err_code read_heads(struct choice *c, const struct method_input *in, struct err *e) {
    static const char *const names[3] = {[ATTENTION_ENCODER_SELF] = "encoder_zeroed_units_indices",
                                         [ATTENTION_DECODER_SELF] = "decoder_zeroed_units_indices",
                                         [ATTENTION_CROSS] = "cross_zeroed_units_indices"};
    enum err_code code = ERR_OK;
    for (int kind = 0; kind < 3; kind++) {
        const bool encoder = kind == ATTENTION_ENCODER_SELF;
        code = units_read(&c->heads[kind], "value_zeroing", names[kind],
                          option_text(in->options, names[kind]),
                          encoder ? in->config->encoder_sizes.n_layers : in->config->n_layers,
                          encoder ? in->config->encoder_sizes.n_heads : in->config->n_heads, e);
        if (code)
            return code;
    }
    return code;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    struct choice choice = {
        .euclidean = strcmp(option_text(in->options, "similarity_metric"), "euclidean") == 0};
    enum err_code code = read_heads(&choice, in, e);
    struct mixing_method m = {
        .row = score_row,
        .user = &choice,
        .decoder_self = option_bool(in->options, "output_decoder_self_scores"),
        .encoder_self = option_bool(in->options, "output_encoder_self_scores"),
        .future = NAN};
    if (code)
        goto out;
    code = mixing_layers(out, in, &m, ctl, e);
out:
    for (int kind = 0; kind < 3; kind++)
        units_dispose(&choice.heads[kind]);
    return code;
}

/* Each query's row goes through the rest of every block once for each token that it sees. */
static void cost(struct cost *c, const struct cost_input *in) {
    const struct model_config *m = in->config;
    double prefix = (double)in->n_target - ((double)in->n_steps - 1) / 2,
           queries = (double)in->n_steps;
    cost_forwards(c, in, 1, queries);
    c->target_rows += queries * ((double)in->n_source +
                                 (!m->encoder_decoder || in->attribute_target ? prefix : 0));
    if (m->encoder_decoder) { /* the sequence scores: of the encoder, and of the decoder where its
                                 own rows have no columns */
        c->source_rows += (double)in->n_source * (double)in->n_source;
        c->target_rows +=
            in->attribute_target ? 0 : (double)in->n_target * (double)in->n_target / 2;
    }
    cost_forward_bytes(c, in, 1, true);
    cost_result_bytes(c, in, m->n_layers);
}

const struct method method_value_zeroing = {
    .columns = COLUMNS_TOGETHER,
    .decl = {.id = "value_zeroing",
             .title = "Value zeroing",
             .family = FAMILY_INTERNALS,
             .axes = AXES_TOKENS_LAYERS,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary =
                 "How far each block's output at the predicting position moves when a token's "
                 "value vectors are zeroed, 1 − cos(h, h without j), as shares of 1. "
                 "A recurrent decoder's inputs stand for its values. No attributed function takes "
                 "part.",
             .paper = "Mohebbi et al. 2023, Quantifying context mixing in Transformers, section 3",
             .reference = "Inseq's value_zeroing, which fails on Llama, on GPT-2 and with "
                          "euclidean; allows step scores"},
    .run = run,
    .cost = cost,
};
