/*
 * Information bottleneck. Jiang, Tang, Xin and Lin 2020, "Inserting information bottlenecks for
 * attribution in Transformers", after Schulz et al. 2020, "Restricting the flow", equations 2 to 6.
 * Every entry of an embedding passes as λ x + (1 − λ) ε, ε being normal noise with the
 * entry's mean μ and deviation σ; λ = sigmoid(α) is learned to minimise −log p[y] + β ·
 * mean KL. The attribution is what an entry must let through: with x̂ = (x − μ)/σ,
 *
 *     KL = ½ (λ² x̂² + (1 − λ)² − 1) − log(1 − λ)   nats.
 *
 * Reference: the authors' code (IBA.py): Adam, 10 steps of rate 1 from α = 5, 10 noise samples a
 * step, β = 10. There μ and σ come of a data set and the bottleneck stands after a chosen layer.
 * Here it stands at the embeddings, and μ and σ are those of the vocabulary's embeddings, so that
 * no data are needed; or after a layer, and they are those of what that layer yields for texts as
 * long as the input whose tokens, but for special ones, are drawn from the vocabulary.
 */
#include "methods/perturbation/bottleneck_inputs.h"
#include "methods/random.h"

#include "backend/base/mem.h"
#include "methods/engine/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The noise is never less than this share of σ. */
#define LEAST_NOISE 0.006737946999085467 /* exp(−5) */

static const struct option_decl options[] = {
    {.name = "beta",
     .type = OPTION_FLOAT,
     .default_value = "10",
     .minimum = 0,
     .maximum = 1e9,
     .help = "What a nat of information costs, against a nat of surprise."},
    {.name = "n_steps",
     .type = OPTION_INT,
     .default_value = "10",
     .minimum = 1,
     .maximum = 10000,
     .unit = "steps",
     .help = "Steps of Adam."},
    {.name = "learning_rate",
     .type = OPTION_FLOAT,
     .default_value = "1",
     .minimum = 1e-9,
     .maximum = 1e3,
     .help = "Rate of Adam."},
    {.name = "n_samples",
     .type = OPTION_INT,
     .default_value = "10",
     .minimum = 1,
     .maximum = 10000,
     .unit = "samples",
     .help = "Noise samples of a step."},
    {.name = "initial_alpha",
     .type = OPTION_FLOAT,
     .default_value = "5",
     .minimum = -50,
     .maximum = 15,
     .help = "Where α starts: at 5 nearly everything passes."},
    {.name = "layer",
     .type = OPTION_JSON,
     .default_value = "null",
     .help = "The block after which the bottleneck stands, from 0, negative numbers from the last; "
             "null: at the embeddings. With "
             "attribute_target, in both stacks."},
    {.name = "n_references",
     .type = OPTION_INT,
     .default_value = "32",
     .minimum = 2,
     .maximum = 100000,
     .unit = "texts",
     .help = "With a layer: texts of random tokens that its mean and deviation are taken over."},
    {.name = "seed",
     .type = OPTION_INT,
     .default_value = "0",
     .minimum = 0,
     .maximum = 9007199254740992.0,
     .help = "The same seed gives the same noise."},
};

struct bottleneck {
    struct perturb p;
    int64_t n_steps, n_samples,
        n_tokens; /* tokens: attributed source rows, then attributed target rows */
    double beta, rate, initial;
    bool contrastive;
    struct bottleneck_inputs inputs;
    double *alpha, *first, *second, *slope; /* [tokens, D] Adam's moments; d loss / d λ */
    float *x[2], *gradient[2], *logits, *derivatives;
    struct position *at;
};

static const struct perturb_side *side_of(const struct bottleneck *b, enum model_stack stack) {
    return bottleneck_side(&b->inputs, stack);
}
static int64_t rows_of(const struct bottleneck *b, enum model_stack stack, int64_t c) {
    return stack == STACK_ENCODER ? b->p.source.n : b->p.engine.in->start + c;
}
static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

/* --- the bottleneck ---------------------------------------------------------------------- */

static double noise(const struct bottleneck *b, int64_t step, int64_t sample,
                    enum model_stack stack, int64_t row, int64_t k) {
    uint64_t key = draw_key(draw_key(draw_key(b->inputs.seed, (uint64_t)step), (uint64_t)sample),
                            (uint64_t)stack);
    return draw_normal(draw_key(draw_key(key, (uint64_t)row), (uint64_t)k));
}

/* Calls for every entry that passes the bottleneck in column c: its place among α, and its
 * normalised input. */
struct entry {
    enum model_stack stack;
    int64_t row, k, place;
    double normal;
};

static bool next_entry(const struct bottleneck *b, int64_t c, struct entry *i) {
    for (i->place++, i->k++;;) {
        const struct perturb_side *s = side_of(b, i->stack);
        if (i->k == b->p.width)
            i->k = 0, i->row++;
        if (s->moves && i->row < rows_of(b, i->stack, c)) {
            const float x = bottleneck_input(&b->inputs, i->stack)[i->row * b->p.width + i->k];
            i->normal = (x - b->inputs.mean[i->stack][i->k]) / b->inputs.deviation[i->stack][i->k];
            return true;
        }
        if (i->stack == STACK_DECODER)
            return false;
        i->stack = STACK_DECODER, i->row = 0, i->k = 0;
    }
}

static const struct entry before_all = {.stack = STACK_ENCODER, .k = -1, .place = -1};

/* Samples [first, first + n) of a step into b->x. */
static void place(struct bottleneck *b, int64_t c, int64_t step, int64_t first, int64_t n) {
    for (struct entry i = before_all; next_entry(b, c, &i);) {
        double lambda = sigmoid(b->alpha[i.place]), share = fmax(1 - lambda, LEAST_NOISE);
        for (int64_t s = 0; s < n; s++) {
            double passed =
                lambda * i.normal + share * noise(b, step, first + s, i.stack, i.row, i.k);
            float *to = b->x[i.stack] + (s * rows_of(b, i.stack, c) + i.row) * b->p.width + i.k;
            *to =
                (float)(passed * b->inputs.deviation[i.stack][i.k] + b->inputs.mean[i.stack][i.k]);
        }
    }
}

/* Of the loss: −log p[y], or, where a foil is asked for, −f. */
static void derive(const struct bottleneck *b, int64_t c, const float *logits, float *out) {
    if (b->contrastive) {
        engine_attribute(&b->p.engine, c, logits, out);
        for (int64_t v = 0; v < b->p.n_row; v++)
            out[v] = -out[v];
        return;
    }
    memset(out, 0, (size_t)b->p.n_row * sizeof *out);
    step_add_softmax(out, logits, b->p.n_vocab, 1);
    out[engine_target(&b->p.engine, c)] -= 1;
}

/* slope += d mean loss / d λ of some samples. */
static enum err_code run_samples(struct bottleneck *b, int64_t c, int64_t step, int64_t first,
                                 int64_t n, struct err *e) {
    const struct method_input *in = b->p.engine.in;
    int64_t n_target = rows_of(b, STACK_DECODER, c), n_row = b->p.n_row;
    struct forward *f = NULL;
    place(b, c, step, first, n);
    struct model_site sites[2];
    const int64_t n_sites = b->inputs.layer >= 0 ? bottleneck_sites(&b->inputs, sites) : 0;
    struct site_values given[2];
    float *gradients[2];
    for (int64_t i = 0; i < n_sites; i++) {
        given[i] = (struct site_values){sites[i], b->x[sites[i].stack]};
        gradients[i] = b->gradient[sites[i].stack];
    }
    struct forward_input input = {.n_batch = n,
                                  .source_ids = b->p.source.ids,
                                  .n_source = b->p.source.n,
                                  .target_ids = b->p.target.ids,
                                  .n_target = n_target,
                                  .source_embeddings = n_sites || !b->p.source.n ? NULL : b->x[0],
                                  .target_embeddings =
                                      n_sites || !b->p.target.moves ? NULL : b->x[1],
                                  .sites = sites,
                                  .n_sites = n_sites,
                                  .given = given,
                                  .n_given = n_sites,
                                  .keep_gradient = true};
    for (int64_t s = 0; s < n; s++)
        b->at[s] = (struct position){s, n_target - 1};
    enum err_code code = model_forward(&f, in->model, &input, b->p.engine.ctl, e);
    if (code == ERR_OK)
        code = forward_logits(f, b->at, n, b->logits, e);
    for (int64_t s = 0; s < n && code == ERR_OK; s++)
        derive(b, c, b->logits + s * n_row, b->derivatives + s * n_row);
    if (code == ERR_OK)
        code =
            forward_vjp(f,
                        &(struct vjp_request){.at = b->at,
                                              .n = n,
                                              .d_logits = b->derivatives,
                                              .source = b->p.source.n ? b->gradient[0] : NULL,
                                              .target = b->p.target.moves ? b->gradient[1] : NULL,
                                              .sites = n_sites ? gradients : NULL},
                        b->p.engine.ctl, e);
    forward_free(f);
    if (!code)
        code = engine_go_on(b->p.engine.ctl, e);
    if (code)
        return code;
    for (struct entry i = before_all; next_entry(b, c, &i);) {
        bool clamped = 1 - sigmoid(b->alpha[i.place]) < LEAST_NOISE;
        for (int64_t s = 0; s < n; s++) {
            double moved =
                i.normal - (clamped ? 0 : noise(b, step, first + s, i.stack, i.row, i.k));
            double g =
                b->gradient[i.stack][(s * rows_of(b, i.stack, c) + i.row) * b->p.width + i.k];
            b->slope[i.place] +=
                g * b->inputs.deviation[i.stack][i.k] * moved / (double)b->n_samples;
        }
    }
    return ERR_OK;
}

static void adam(struct bottleneck *b, int64_t c, int64_t step, double n_entries) {
    double first_scale = 1 - pow(0.9, (double)step + 1),
           second_scale = 1 - pow(0.999, (double)step + 1);
    for (struct entry i = before_all; next_entry(b, c, &i);) {
        double lambda = sigmoid(b->alpha[i.place]), *m = &b->first[i.place],
               *v = &b->second[i.place];
        double information = lambda * i.normal * i.normal - (1 - lambda) + 1 / (1 - lambda);
        double g = (b->slope[i.place] + b->beta / n_entries * information) * lambda * (1 - lambda);
        *m = 0.9 * *m + 0.1 * g;
        *v = 0.999 * *v + 0.001 * g * g;
        b->alpha[i.place] -= b->rate * (*m / first_scale) / (sqrt(*v / second_scale) + 1e-8);
    }
}

/* What passes at the step's λ. */
static void write_column(struct bottleneck *b, int64_t c) {
    struct attribution_sequence *out = b->p.engine.out;
    for (struct entry i = before_all; next_entry(b, c, &i);) {
        double lambda = sigmoid(b->alpha[i.place]), left = 1 - lambda;
        float *to =
            (i.stack == STACK_ENCODER ? &out->source_attributions : &out->target_attributions)
                ->data +
            (i.row * b->p.engine.n_steps + c) * b->p.width;
        to[i.k] =
            (float)(0.5 * (lambda * lambda * i.normal * i.normal + left * left - 1) - log(left));
    }
}

static int64_t fitting(const struct bottleneck *b, int64_t n_target) {
    const struct method_input *in = b->p.engine.in;
    int64_t rows = b->p.source.n + n_target, numbers = 2 * rows * b->p.width + 2 * b->p.n_row;
    int64_t bytes = 2 * model_forward_bytes(in->model, 1, b->p.source.n, n_target, true) +
                    numbers * (int64_t)sizeof(float); /* the gradient's as much again */
    return engine_batch(in->memory_budget, rows, bytes, b->n_samples, true);
}

static enum err_code allocate(struct bottleneck *b, struct err *e) {
    size_t entries = (size_t)(b->n_tokens * b->p.width), batch = (size_t)fitting(b, 1),
           row = (size_t)b->p.n_row;
    bool good = (b->alpha = malloc(entries * sizeof(double))) &&
                (b->first = malloc(entries * sizeof(double))) &&
                (b->second = malloc(entries * sizeof(double))) &&
                (b->slope = malloc(entries * sizeof(double))) &&
                (b->logits = malloc(batch * row * sizeof(float))) &&
                (b->derivatives = malloc(batch * row * sizeof(float))) &&
                (b->at = malloc(batch * sizeof *b->at));
    for (int i = 0; i < 2; i++)
        good = good && (b->x[i] = perturb_room(&b->p)) && (b->gradient[i] = perturb_room(&b->p));
    return good ? ERR_OK : perturb_no_memory(e);
}

static enum err_code run_column(struct bottleneck *b, int64_t c, struct err *e) {
    int64_t n_tokens = b->p.source.n + (b->p.target.moves ? b->p.engine.in->start + c : 0),
            entries = n_tokens * b->p.width;
    int64_t most = fitting(b, rows_of(b, STACK_DECODER, c));
    enum err_code code = ERR_OK;
    memset(b->first, 0, (size_t)entries * sizeof *b->first);
    memset(b->second, 0, (size_t)entries * sizeof *b->second);
    for (int64_t i = 0; i < entries; i++)
        b->alpha[i] = b->initial;
    for (int64_t step = 0; step < b->n_steps; step++) {
        memset(b->slope, 0, (size_t)entries * sizeof *b->slope);
        for (int64_t s = 0; s < b->n_samples; s += most) {
            code = run_samples(b, c, step, s, b->n_samples - s < most ? b->n_samples - s : most, e);
            if (code)
                return code;
        }
        if (step == b->n_steps - 1)
            write_column(b, c); /* as the reference, before the last step is taken */
        adam(b, c, step, (double)entries);
        perturb_progress(&b->p, 1);
    }
    return code;
}

static enum err_code run_open(struct bottleneck *b, struct err *e) {
    struct perturb *p = &b->p;
    enum err_code code = engine_shape(&p->engine, 1, &p->width, e);
    if (code)
        return code;
    engine_shaped(&p->engine);
    code = perturb_scores(p, e);
    if (code)
        return code;
    code = bottleneck_measure(&b->inputs, e);
    if (code)
        return code;
    code = allocate(b, e);
    if (code)
        return code;
    p->work = p->engine.n_steps * b->n_steps;
    for (int64_t c = 0; c < p->engine.n_steps; c++) {
        code = run_column(b, c, e);
        if (code)
            return code;
        engine_publish(&p->engine, c);
    }
    return code;
}

static enum err_code run(struct attribution_sequence *out, const struct method_input *in,
                         const struct run_ctl *ctl, struct err *e) {
    const struct option_set *o = in->options;
    struct bottleneck b = {.n_steps = option_int(o, "n_steps"),
                           .n_samples = option_int(o, "n_samples"),
                           .beta = option_float(o, "beta"),
                           .rate = option_float(o, "learning_rate"),
                           .initial = option_float(o, "initial_alpha"),
                           .contrastive =
                               in->target.function->decl.contrastive && in->contrast_ids};
    out->class = ATTRIBUTION_GRANULAR;
    b.inputs = (struct bottleneck_inputs){.p = &b.p,
                                          .n_references = option_int(o, "n_references"),
                                          .seed = (uint64_t)option_int(o, "seed")};
    enum err_code code = bottleneck_read_layer(&b.inputs, in, e);
    if (code)
        return code;
    code = perturb_open(&b.p, out, in, ctl, e);
    b.n_tokens = b.p.source.n + (b.p.target.moves ? b.p.target.n : 0);
    if (code)
        goto out;
    code = run_open(&b, e);
out:
    for (int i = 0; i < 2; i++) {
        free(b.x[i]);
        free(b.gradient[i]);
    }
    bottleneck_inputs_dispose(&b.inputs);
    free(b.alpha);
    free(b.first);
    free(b.second);
    free(b.slope);
    free(b.logits);
    free(b.derivatives);
    free(b.at);
    perturb_close(&b.p);
    return code;
}

static void cost(struct cost *c, const struct cost_input *in) {
    double n =
        (double)option_int(in->options, "n_steps") * (double)option_int(in->options, "n_samples");
    bool target = !in->config->encoder_decoder || in->attribute_target;
    double steps = (double)in->n_steps, prefix = (double)in->n_target - (steps - 1) / 2,
           source = (double)in->n_source;
    cost_forwards(c, in, 1, steps);
    c->passes += n * steps;
    c->source_rows += n * steps * source;
    c->target_rows += n * steps * prefix;
    c->source_gradients += n * steps * source;
    c->target_gradients += target || source > 0 ? n * steps * prefix : 0;
    c->logits += n * steps;
    c->logit_gradients += n * steps;
    if (strcmp(option_text(in->options, "layer"), "null") != 0)
        cost_forwards(c, in, (double)option_int(in->options, "n_references"), 0);
    cost_forward_bytes(c, in, cost_batch(in, (double)option_int(in->options, "n_samples"), true),
                       true);
    cost_gradient_bytes(c, in, cost_batch(in, (double)option_int(in->options, "n_samples"), true));
    c->bytes += 4.0 * (double)(cost_rows(in) * in->config->n_width) * sizeof(double);
    cost_result_bytes(c, in, in->config->n_width);
}

const struct method method_information_bottleneck = {
    .decl = {.id = "information_bottleneck",
             .title = "Information bottleneck",
             .family = FAMILY_PERTURBATION,
             .axes = AXES_TOKENS_WIDTH,
             .needs_attributed_fn = true,
             .options = options,
             .n_options = sizeof options / sizeof options[0],
             .summary = "How many nats of each entry of the embeddings, or of a layer's output, "
                        "must pass for the target to stay likely: noise is mixed in as "
                        "strongly as −log p[y] + β · mean KL allows. With a contrastive "
                        "function and a contrast, f takes the place of log p[y].",
             .paper = "Jiang et al. 2020, Inserting information bottlenecks for attribution in "
                      "Transformers; Schulz et al. 2020, Restricting the flow, eq. 2 to 6",
             .reference = "the authors' IBA; at the embeddings unless a layer is asked for, with "
                          "mean and deviation over the vocabulary or over texts of random tokens "
                          "instead of a data set"},
    .cost = cost,
    .run = run,
};
