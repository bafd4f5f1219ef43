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
#include "methods/engine/gradient_batch.h"
#include "methods/perturbation/bottleneck_inputs.h"
#include "methods/random.h"

#include "backend/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The noise is never less than this share of σ. */
#define LEAST_NOISE 0.006737946999085467 /* exp(−5) */

/* --- the idea, for one normalised entry x̂ ------------------------------------------------- */

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

/* What passes: λ x̂ + (1 − λ) ε. */
static double passed(double lambda, double x, double noise) {
    return lambda * x + fmax(1 - lambda, LEAST_NOISE) * noise;
}

/* Its derivative with respect to λ. */
static double passed_slope(double lambda, double x, double noise) {
    return x - (1 - lambda < LEAST_NOISE ? 0 : noise);
}

/* The information that passes, in nats: ½ (λ² x̂² + (1 − λ)² − 1) − log(1 − λ). */
static double information(double lambda, double x) {
    const double left = 1 - lambda;
    return 0.5 * (lambda * lambda * x * x + left * left - 1) - log(left);
}

/* Its derivative with respect to λ. */
static double information_slope(double lambda, double x) {
    return lambda * x * x - (1 - lambda) + 1 / (1 - lambda);
}

struct bottleneck {
    struct perturb p;
    int64_t n_steps, n_samples;
    double beta, rate, initial;
    bool contrastive;
    struct bottleneck_inputs inputs;
    /* [tokens, width] of attributed source rows, then target rows: α, Adam's moments, d loss / d λ
     */
    double *alpha, *first, *second, *slope;
    int64_t column; /* under way */
};

static enum err_code add_slopes(struct bottleneck *b, int64_t c, int64_t step, struct err *e);
static void write_column(struct bottleneck *b, int64_t c);

/* A step of Adam on all α of column c: d loss / d λ, and β times that of the mean information. */
static void adam(struct bottleneck *b, int64_t c, int64_t step, double n_entries) {
    double first_scale = 1 - pow(0.9, (double)step + 1),
           second_scale = 1 - pow(0.999, (double)step + 1);
    for (struct bottleneck_entry i = bottleneck_before; bottleneck_next(&b->inputs, c, &i);) {
        double lambda = sigmoid(b->alpha[i.place]), *m = &b->first[i.place],
               *v = &b->second[i.place];
        double g = (b->slope[i.place] + b->beta / n_entries * information_slope(lambda, i.normal)) *
                   lambda * (1 - lambda);
        *m = 0.9 * *m + 0.1 * g;
        *v = 0.999 * *v + 0.001 * g * g;
        b->alpha[i.place] -= b->rate * (*m / first_scale) / (sqrt(*v / second_scale) + 1e-8);
    }
}

/* Learns what must pass for column c. */
static enum err_code run_column(struct bottleneck *b, int64_t c, struct err *e) {
    const size_t entries = (size_t)bottleneck_entries(&b->inputs, c);
    memset(b->first, 0, entries * sizeof *b->first);
    memset(b->second, 0, entries * sizeof *b->second);
    for (size_t i = 0; i < entries; i++)
        b->alpha[i] = b->initial;
    for (int64_t step = 0; step < b->n_steps; step++) {
        memset(b->slope, 0, entries * sizeof *b->slope);
        enum err_code code = add_slopes(b, c, step, e);
        if (code)
            return code;
        if (step == b->n_steps - 1)
            write_column(b, c); /* as the reference, before the last step is taken */
        adam(b, c, step, (double)entries);
        perturb_progress(&b->p, 1);
    }
    return ERR_OK;
}

/* The information that passes at the step's λ. */
static void write_column(struct bottleneck *b, int64_t c) {
    struct attribution_sequence *out = b->p.engine.out;
    struct scores *const sides[2] = {&out->source_attributions, &out->target_attributions};
    for (struct bottleneck_entry i = bottleneck_before; bottleneck_next(&b->inputs, c, &i);)
        sides[i.stack]->data[(i.row * b->p.engine.n_steps + c) * b->inputs.width + i.k] =
            (float)information(sigmoid(b->alpha[i.place]), i.normal);
}

/* --- samples of the noise -------------------------------------------------------------------- */

static double noise(const struct bottleneck *b, int64_t step, int64_t sample,
                    const struct bottleneck_entry *i) {
    uint64_t key =
        random_key(random_key(random_key(b->inputs.seed, (uint64_t)step), (uint64_t)sample),
                   (uint64_t)i->stack);
    return random_normal_of(random_key(random_key(key, (uint64_t)i->row), (uint64_t)i->k));
}

/* The derivative of the loss: −log p[y], or, where a foil is asked for, −f. */
static enum err_code derive(void *user, int64_t i, const float *logits, float *d_logits,
                            bool *wanted, struct err *e) {
    const struct bottleneck *b = user;
    const int64_t c = b->column;
    (void)i;
    (void)wanted;
    (void)e;
    if (b->contrastive) {
        engine_attribute(&b->p.engine, c, logits, d_logits);
        for (int64_t v = 0; v < b->p.n_row; v++)
            d_logits[v] = -d_logits[v];
        return ERR_OK;
    }
    memset(d_logits, 0, (size_t)b->p.n_row * sizeof *d_logits);
    step_add_softmax(d_logits, logits, b->p.n_vocab, 1);
    d_logits[engine_target(&b->p.engine, c)] -= 1;
    return ERR_OK;
}

/* Where an entry stands in a batch, of the first sample. */
static int64_t index_of(const struct gradient_batch *batch, const struct bottleneck *b,
                        const struct bottleneck_entry *i, int64_t sample) {
    return (sample * batch->length[i->stack] + i->row) * b->inputs.width + i->k;
}

/* Samples [first, first + n) of a step, and what they add to the slopes. */
static enum err_code run_samples(struct bottleneck *b, struct gradient_batch *batch, int64_t step,
                                 int64_t first, int64_t n, struct err *e) {
    const int64_t c = b->column;
    int64_t n_back;
    for (struct bottleneck_entry i = bottleneck_before; bottleneck_next(&b->inputs, c, &i);) {
        const double lambda = sigmoid(b->alpha[i.place]);
        for (int64_t s = 0; s < n; s++) {
            const double x = passed(lambda, i.normal, noise(b, step, first + s, &i));
            batch->x[i.stack][index_of(batch, b, &i, s)] =
                (float)(x * b->inputs.deviation[i.stack][i.k] + b->inputs.mean[i.stack][i.k]);
        }
    }
    for (int64_t s = 0; s < n; s++)
        batch->at[s] = (struct position){s, batch->length[STACK_DECODER] - 1};
    enum err_code code = gradient_batch_run(batch, n, &b->p, derive, b, &n_back, e);
    if (code)
        return code;
    for (struct bottleneck_entry i = bottleneck_before; bottleneck_next(&b->inputs, c, &i);) {
        const double lambda = sigmoid(b->alpha[i.place]);
        for (int64_t s = 0; s < n; s++) {
            const double moved = passed_slope(lambda, i.normal, noise(b, step, first + s, &i)),
                         g = batch->gradient[i.stack][index_of(batch, b, &i, s)];
            b->slope[i.place] +=
                g * b->inputs.deviation[i.stack][i.k] * moved / (double)b->n_samples;
        }
    }
    return ERR_OK;
}

/* slope += d mean loss / d λ of a step's samples. */
static enum err_code add_slopes(struct bottleneck *b, int64_t c, int64_t step, struct err *e) {
    const int64_t n_target = b->p.engine.in->start + c,
                  most = gradient_batch_fit(&b->p, b->inputs.layer, b->p.source.n, n_target,
                                            b->n_samples);
    struct gradient_batch batch;
    enum err_code code = gradient_batch_open(&batch, &b->p, b->inputs.layer, most, b->p.source.n,
                                             n_target, false, e);
    b->column = c;
    for (int64_t s = 0; s < b->n_samples && !code; s += most)
        code =
            run_samples(b, &batch, step, s, b->n_samples - s < most ? b->n_samples - s : most, e);
    gradient_batch_dispose(&batch);
    return code;
}

/* --- around it ---------------------------------------------------------------------------- */

static enum err_code allocate(struct bottleneck *b, struct err *e) {
    const size_t entries =
        (size_t)bottleneck_entries(&b->inputs, b->p.engine.n_steps - 1) * sizeof(double);
    bool good = (b->alpha = malloc(entries)) && (b->first = malloc(entries)) &&
                (b->second = malloc(entries)) && (b->slope = malloc(entries));
    return good ? ERR_OK : perturb_no_memory(e);
}

static enum err_code run_open(struct bottleneck *b, struct err *e) {
    struct perturb *p = &b->p;
    enum err_code code = engine_shape(&p->engine, 1, &b->inputs.width, e);
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
    if (code)
        goto out;
    code = run_open(&b, e);
out:
    bottleneck_inputs_dispose(&b.inputs);
    free(b.alpha);
    free(b.first);
    free(b.second);
    free(b.slope);
    perturb_close(&b.p);
    return code;
}

/* --- the method as others see it ------------------------------------------------------------ */

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
    const int64_t width = bottleneck_width(in->options, in->config);
    gradient_batch_cost(c, in, width, (double)option_int(in->options, "n_samples"));
    c->bytes += 4.0 * (double)(cost_rows(in) * width) * sizeof(double);
    cost_result_bytes(c, in, width);
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
